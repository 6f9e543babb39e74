import {
  charactersOf,
  HelixError,
  type MessageRecord,
  type SessionRecords,
  type SessionSnapshot,
} from '@helix-agents/core';
import type { HelixUIMessage } from './helix-ui-message.ts';
import { readTurns } from './read-turns.ts';
import { openOutcomes, toUIMessages } from './to-ui-messages.ts';
import { readTurnMarks } from './turn-marks.ts';

/** Which part of the history to read. */
export interface UIMessagesRequest {
  readonly stateStore: Pick<SessionRecords, 'load' | 'messagesAfter' | 'findEndedRun'>;
  readonly sessionId: string;
  /**
   * Turns in a page: default 25, at most 100, and none before the one by which the page has 4 MiB. A turn is never cut.
   */
  readonly limit?: number | undefined;
  /** Cursor from a later page; without it, the newest page. */
  readonly before?: string | undefined;
}

/** A page of the history, oldest message first. */
export interface UIMessagesPage {
  readonly messages: HelixUIMessage[];
  /** Gives the page before this one; null where this is the first. */
  readonly before: string | null;
}

/**
 * The history as `useChat` keeps it, a page at a time from its end.
 *
 * @throws HelixError `state_session_not_found`; `input_invalid` for a cursor that no page gave
 */
export async function getUIMessages(request: UIMessagesRequest): Promise<UIMessagesPage> {
  const { stateStore, sessionId, before } = request;
  const session = await stateStore.load(sessionId);
  if (!session) throw new HelixError('state_session_not_found', `there is no session ${sessionId}`);
  const end = before === undefined ? session.messageCount : parseCursor(before) - 1;
  return uiMessagesUpTo(request, session, Math.min(end, session.messageCount));
}

/** The page of a session that ends at a record. */
export async function uiMessagesUpTo(
  { stateStore, limit = 25 }: PageSource,
  session: Pick<SessionSnapshot, 'sessionId' | 'run' | 'step'>,
  upTo: number,
): Promise<UIMessagesPage> {
  const atLeast = Math.min(Math.max(1, Math.trunc(limit)), 100);
  const { sessionId } = session;
  const turns = newest(await readTurns(stateStore, { sessionId, upTo, atLeast, enoughCharacters }), atLeast);
  const marks = await readTurnMarks(stateStore, session, turns);
  const records = turns.flat();
  const first = records[0]?.seq ?? 1;
  return { messages: toUIMessages(records, marks, openOutcomes(session)), before: first > 1 ? String(first) : null };
}

/** Characters of records after which a page has enough turns: what one has to hold does not depend on what tools gave. */
const enoughCharacters = 4 * 1024 * 1024;

/** The last turns, so many at most, and always one. */
function newest(turns: readonly MessageRecord[][], atMost: number): MessageRecord[][] {
  let first = turns.length;
  for (let characters = 0; first > Math.max(0, turns.length - atMost) && characters < enoughCharacters; first -= 1)
    characters += charactersOf(turns[first - 1]);
  return turns.slice(first);
}

/** What a page is read from. */
export interface PageSource extends Pick<UIMessagesRequest, 'limit'> {
  readonly stateStore: Pick<SessionRecords, 'messagesAfter' | 'findEndedRun'>;
}

function parseCursor(before: string): number {
  if (/^[1-9]\d{0,14}$/.test(before)) return Number(before);
  throw new HelixError('input_invalid', 'before must be a cursor that an earlier page gave');
}
