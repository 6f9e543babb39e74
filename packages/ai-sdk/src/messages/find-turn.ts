import { charactersOf, type MessageRecord } from '@helix-agents/core';
import { rangeBefore, rangeUpTo, recordPages, type RecordRange, type RecordStore } from './record-pages.ts';
import { startsTurn } from './to-ui-messages.ts';

/** A turn in the transcript. */
export interface Turn extends RecordRange {
  /** What the user said: the message that began it, then those that came while it was under way. */
  readonly said: readonly MessageRecord[];
  /** Its records, in pages and in their order, each time they are asked for. */
  pages(): AsyncIterable<readonly MessageRecord[]> | Iterable<readonly MessageRecord[]>;
}

/** Characters of a turn beyond which its records are not held, but read once more where they are wanted. */
const heldCharacters = 4 * 1024 * 1024;

/** The turn that ends with a record; null where there is none before it. It costs what the turn does, and holds no large one. */
export async function findTurn(
  store: RecordStore,
  { sessionId, upTo }: Pick<RecordRange, 'sessionId' | 'upTo'>,
): Promise<Turn | null> {
  let found: TurnEnd | null = null;
  let range = rangeUpTo(sessionId, upTo);
  while (range && !found?.isWhole) {
    const earlier = new TurnEnd();
    for await (const page of recordPages(store, range)) for (const record of page) earlier.add(record);
    if (found && earlier.endsBefore(found)) break;
    found = found ? earlier.and(found) : earlier;
    range = rangeBefore(range, found.characters);
  }
  if (!found?.first) return null;
  const { first, said, records } = found;
  const turn = { sessionId, after: first.seq - 1, upTo };
  return { ...turn, said, pages: () => (records ? [records] : recordPages(store, turn)) };
}

/** What some records in a row have of the turn in which they end. */
class TurnEnd {
  first: MessageRecord | undefined;
  said: MessageRecord[] = [];
  /** null: they are too large to be held. */
  records: MessageRecord[] | null = [];
  /** The record before the first was seen, and is of another turn. */
  isWhole = false;
  characters = 0;
  #last: MessageRecord | undefined;

  add(record: MessageRecord): void {
    if (this.#last && startsTurn(record, this.#last)) this.#begin();
    this.first ??= record;
    this.#last = record;
    if (record.role === 'user') this.said.push(record);
    this.#hold([record], charactersOf(record));
  }

  /** Whether what comes behind these records begins a turn. */
  endsBefore({ first }: TurnEnd): boolean {
    return first !== undefined && this.#last !== undefined && startsTurn(first, this.#last);
  }

  /** With what comes behind it. */
  and(later: TurnEnd): this {
    this.said.push(...later.said);
    this.#hold(later.records, later.characters);
    return this;
  }

  #begin(): void {
    this.isWhole = true;
    this.first = undefined;
    this.said = [];
    this.records = [];
    this.characters = 0;
  }

  #hold(records: readonly MessageRecord[] | null, characters: number): void {
    this.characters += characters;
    if (!records || this.characters > heldCharacters) this.records = null;
    else this.records?.push(...records);
  }
}
