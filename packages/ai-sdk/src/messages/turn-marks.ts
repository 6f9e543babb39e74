import {
  userMessageFor,
  type ErrorDetail,
  type RunRecord,
  type SessionRecords,
  type SessionSnapshot,
} from '@helix-agents/core';
import type { HelixMessageMetadata } from './helix-ui-message.ts';

/** What the replies of turns that did not complete carry, by any run of the turn. */
export type TurnMarks = ReadonlyMap<string, HelixMessageMetadata>;

/** The mark of a reply that was stopped. */
export const stoppedMark: HelixMessageMetadata = { helixInterrupted: { stop: 'interrupt' } };

/** The mark of a reply whose turn failed. */
export function failedMark({ code }: Pick<ErrorDetail, 'code'>): HelixMessageMetadata {
  return { helixFailed: { error: userMessageFor(code), code } };
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
      const mark = markOf(lastOfTurn.get(turn));
      return mark ? [[runId, mark] as const] : [];
    }),
  );
}

function markOf(run: RunRecord | undefined): HelixMessageMetadata | null {
  if (run?.phase.at !== 'ended') return null;
  if (run.phase.outcome === 'interrupted') return stoppedMark;
  return run.phase.outcome === 'failed' ? failedMark(run.phase.error ?? { code: 'framework_internal' }) : null;
}
