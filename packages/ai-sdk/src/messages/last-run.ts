import type { EndedRun, SessionRecords, SessionSnapshot } from '@helix-agents/core';

/**
 * The last run of the turn that a run belongs to, and the run after it; null where there is no such run. Its cost does not grow
 * with the session. The current run counts as it was when the session was read.
 */
export async function lastRunOfTurn(
  store: Pick<SessionRecords, 'findEndedRun'>,
  { sessionId, run: current }: Pick<SessionSnapshot, 'sessionId' | 'run'>,
  runId: string,
): Promise<EndedRun | null> {
  if (current?.runId === runId) return { run: current, next: null };
  const ended = await store.findEndedRun(sessionId, { runId });
  if (!ended) return null;
  const { run } = ended;
  // The current run is the last of all: of its own turn, too.
  if (current?.turn === run.turn) return { run: current, next: null };
  const next = ended.next ?? current;
  return next?.turn === run.turn ? lastRunOfTurn(store, { sessionId, run: current }, next.runId) : { run, next };
}
