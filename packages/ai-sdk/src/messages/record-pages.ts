import { maxPageCharacters, type MessageRecord, type SessionRecords } from '@helix-agents/core';

/** What records are read from. */
export type RecordStore = Pick<SessionRecords, 'messagesAfter'>;

/** Records of a session: those behind `after`, up to and with `upTo`. */
export interface RecordRange {
  readonly sessionId: string;
  readonly after: number;
  readonly upTo: number;
}

const firstSize = 16;
const largestSize = 64;

/** The range that ends with a record, where one is read backwards; null where there is none. */
export function rangeUpTo(sessionId: string, upTo: number): RecordRange | null {
  return upTo === 0 ? null : { sessionId, after: Math.max(0, upTo - firstSize), upTo };
}

/** The range before one, twice as long where there was not much in that; null where there is none. */
export function rangeBefore({ sessionId, after, upTo }: RecordRange, characters: number): RecordRange | null {
  if (after === 0) return null;
  const size = characters < maxPageCharacters / 4 ? 2 * (upTo - after) : upTo - after;
  return { sessionId, after: Math.max(0, after - Math.min(size, largestSize)), upTo: after };
}

/** The records of a range in their order, in pages that do not grow with what is in them. It ends early where they were removed. */
export async function* recordPages(
  store: RecordStore,
  { sessionId, after, upTo }: RecordRange,
): AsyncGenerator<readonly MessageRecord[], void, void> {
  for (let from = after; from < upTo;) {
    const page = await store.messagesAfter(sessionId, from, upTo - from, maxPageCharacters);
    if (page.length === 0) return;
    yield page;
    from += page.length;
  }
}
