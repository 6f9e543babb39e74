import { charactersOf, type MessageRecord, type SessionRecords } from '@helix-agents/core';
import { splitTurns, startsTurn } from './to-ui-messages.ts';

/** Records fetched at once, from the end backwards. */
const pageSize = 64;

/** Which turns to read: those that end at or before the record `upTo`. */
export interface TurnsRequest {
  readonly sessionId: string;
  readonly upTo: number;
  /** Turns to read at least, where there are as many. */
  readonly atLeast: number;
  /** No further turns are read once there are so many characters, and a turn. Default: however many there are. */
  readonly enoughCharacters?: number;
}

/** The last turns up to a record, whole, oldest first. It reads backwards, so a long session costs no more than a short one. */
export async function readTurns(
  store: Pick<SessionRecords, 'messagesAfter'>,
  { sessionId, upTo, atLeast, enoughCharacters = Infinity }: TurnsRequest,
): Promise<MessageRecord[][]> {
  let records: MessageRecord[] = [];
  let characters = 0;
  for (let from = upTo; from > 0;) {
    const after = Math.max(0, from - pageSize);
    const page = await store.messagesAfter(sessionId, after, from - after);
    records = [...page, ...records];
    characters += enoughCharacters === Infinity ? 0 : charactersOf(page);
    from = after;
    const turns = from === 0 ? splitTurns(records) : wholeTurns(records);
    if (from === 0 || turns.length >= atLeast) return turns;
    if (turns.length > 0 && characters >= enoughCharacters) return turns;
  }
  return [];
}

/** Without the record before it, the first cannot be known to begin a turn: what comes before a known beginning is cut. */
function wholeTurns(records: readonly MessageRecord[]): MessageRecord[][] {
  const first = records.findIndex((record, index) => index > 0 && startsTurn(record, records[index - 1]));
  return first === -1 ? [] : splitTurns(records.slice(first));
}
