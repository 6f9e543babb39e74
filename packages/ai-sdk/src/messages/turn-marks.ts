import {
  runTerminal,
  userMessageFor,
  type RunRecord,
  type SessionRecords,
  type SessionSnapshot,
  type StreamFrame,
} from '@helix-agents/core';
import type { HelixMessageMetadata } from './helix-ui-message.ts';

/** What the replies of turns that did not complete carry, by any run of the turn. */
export type TurnMarks = ReadonlyMap<string, HelixMessageMetadata>;

/** The mark of a reply whose stream ends so; null where the turn completed, or waits. The same live and from the record. */
export function markOfEnd(frame: StreamFrame | null): HelixMessageMetadata | null {
  if (frame?.type === 'fail') {
    const { code } = frame.errorDetail;
    return { helixFailed: { error: userMessageFor(code), code } };
  }
  return frame?.type === 'end' && frame.status === 'interrupted' ? { helixInterrupted: { stop: 'interrupt' } } : null;
}

/** How the turns of a session ended: each as its last run did. The current run counts as it was when the session was read. */
export async function readTurnMarks(
  store: Pick<SessionRecords, 'listRuns'>,
  { sessionId, run }: Pick<SessionSnapshot, 'sessionId' | 'run'>,
): Promise<TurnMarks> {
  const runs = [...(await store.listRuns(sessionId)), ...(run ? [run] : [])];
  const lastOfTurn = new Map(runs.map((one) => [one.turn, one]));
  return new Map(
    runs.flatMap(({ runId, turn }) => {
      const mark = markOfEnd(terminalOf(lastOfTurn.get(turn)));
      return mark ? [[runId, mark] as const] : [];
    }),
  );
}

function terminalOf(run: RunRecord | undefined): StreamFrame | null {
  return run ? runTerminal(run) : null;
}
