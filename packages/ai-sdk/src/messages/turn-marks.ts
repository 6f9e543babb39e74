import {
  runTerminal,
  userMessageFor,
  type MessageRecord,
  type SessionRecords,
  type SessionSnapshot,
  type StreamFrame,
} from '@helix-agents/core';
import type { HelixMessageMetadata } from './helix-ui-message.ts';
import { lastRunOfTurn } from './last-run.ts';

/** How a turn ended that has no whole reply, or came to wait in the middle of a step that is lost. */
export interface TurnMark {
  /** What its reply carries; null where it waits. */
  readonly metadata: HelixMessageMetadata | null;
  /** Its last run. */
  readonly runId: string;
}

/** The turns that have no whole reply, or wait without open calls, by their first runs. */
export type TurnMarks = ReadonlyMap<string, TurnMark>;

/** The mark of a reply whose stream ends so; null where it is whole, or the turn waits. The same live and from the record. */
export function markOfEnd(frame: StreamFrame | null): HelixMessageMetadata | null {
  if (frame?.type === 'fail') {
    const { code } = frame.errorDetail;
    return { helixFailed: { error: userMessageFor(code), code } };
  }
  if (frame?.type !== 'end') return null;
  if (frame.status === 'interrupted') return { helixInterrupted: { stop: 'interrupt' } };
  return frame.stopReason ? { helixStopReason: frame.stopReason } : null;
}

/**
 * How turns ended: each as its last run did. It reads the runs of these turns and no others. The current run counts as it was when
 * the session was read.
 */
export async function readTurnMarks(
  store: Pick<SessionRecords, 'findEndedRun'>,
  session: Pick<SessionSnapshot, 'sessionId' | 'run' | 'step'>,
  turns: readonly (readonly MessageRecord[])[],
): Promise<TurnMarks> {
  const marks = await Promise.all(turns.map((turn) => markOfTurn(store, session, turn)));
  return new Map(marks.flat());
}

/** Its last record is by its last run, or by one not long before: a run may end before it says anything. */
async function markOfTurn(
  store: Pick<SessionRecords, 'findEndedRun'>,
  session: Pick<SessionSnapshot, 'sessionId' | 'run' | 'step'>,
  turn: readonly MessageRecord[],
): Promise<[string, TurnMark][]> {
  const [first, last] = [turn[0], turn.at(-1)];
  if (!first || !last) return [];
  const end = await lastRunOfTurn(store, session, last.runId);
  const frame = end && runTerminal(end.run);
  const metadata = markOfEnd(frame);
  const waits = frame?.type === 'end' && frame.status === 'paused' && session.step?.at !== 'calls';
  return end && (metadata || waits) ? [[first.runId, { metadata, runId: end.run.runId }]] : [];
}

/** Whether a stop cut the last step that the record has of a turn, in this run. */
export function wasCut(turn: readonly MessageRecord[], runId: string | undefined): boolean {
  const last = turn.findLast(({ role }) => role === 'assistant');
  return last?.interrupted === true && last.runId === runId;
}
