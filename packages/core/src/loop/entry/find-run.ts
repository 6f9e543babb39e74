import type { RunQuery, SessionRecords } from '../../contracts/session-state-store.ts';
import type { RunRecord } from '../../session/run.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';

/** A run of a session: the current one as it was read, or one that is over, however long ago. Null for none. */
export async function findRun(
  store: Pick<SessionRecords, 'findEndedRun'>,
  { sessionId, run }: Pick<SessionSnapshot, 'sessionId' | 'run'>,
  query: RunQuery,
): Promise<RunRecord | null> {
  const isCurrent = 'key' in query ? run?.key === query.key : run?.runId === query.runId;
  return isCurrent ? run : ((await store.findEndedRun(sessionId, query))?.run ?? null);
}
