import { charactersOf, type MessageRecord } from '@helix-agents/core';
import { rangeBefore, rangeUpTo, type RecordStore } from './record-pages.ts';
import { splitTurns, startsTurn } from './to-ui-messages.ts';

/** Which turns to read: those that end at or before the record `upTo`. */
export interface TurnsRequest {
  readonly sessionId: string;
  readonly upTo: number;
  /** Turns to read at least, where there are as many. */
  readonly atLeast: number;
  /** No further turns are read once there are so many characters, and a turn. */
  readonly enoughCharacters: number;
}

/** The last turns up to a record, whole, oldest first. It reads backwards, so a long session costs no more than a short one. */
export async function readTurns(
  store: RecordStore,
  { sessionId, upTo, atLeast, enoughCharacters }: TurnsRequest,
): Promise<MessageRecord[][]> {
  let records: MessageRecord[] = [];
  let range = rangeUpTo(sessionId, upTo);
  while (range) {
    const page = await store.messagesAfter(sessionId, range.after, range.upTo - range.after);
    records = [...page, ...records];
    range = rangeBefore(range, charactersOf(page));
    const turns = wholeTurns(records);
    if (turns.length >= atLeast || (turns.length > 0 && charactersOf(turns) >= enoughCharacters)) return turns;
  }
  return splitTurns(records);
}

/** Without the record before it, the first cannot be known to begin a turn: what comes before a known beginning is cut. */
function wholeTurns(records: readonly MessageRecord[]): MessageRecord[][] {
  const first = records.findIndex((record, index) => index > 0 && startsTurn(record, records[index - 1]));
  return first === -1 ? [] : splitTurns(records.slice(first));
}
