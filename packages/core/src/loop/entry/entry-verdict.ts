import { AgentAlreadyRunningError, HelixError } from '../../errors/helix-error.ts';
import { nextEntry } from '../../session/next-entry.ts';
import { isLive, type RunRecord } from '../../session/run.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import type { EntryVerdict } from './entry.ts';

/**
 * The way a message enters: into a session that rests, as the next turn, or over a run whose owner is gone. A message that made a
 * run before, however long ago, finds it again.
 */
export function judgeMessage(session: SessionSnapshot | null, made: RunRecord | null): EntryVerdict {
  if (made) return { join: made.runId };
  return isLive(session?.run ?? null) ? 'supersede' : 'begin';
}

/**
 * A session is continued where it was interrupted or waits; a run that is live already is joined.
 *
 * @throws HelixError `state_session_not_found`, `state_not_resumable`
 */
export function judgeContinue(sessionId: string, session: SessionSnapshot | null): EntryVerdict {
  const run = mustHaveRun(sessionId, session);
  if (isLive(run)) return { join: run.runId };
  const next = nextEntry(run);
  if (next === 'resume') return 'begin';
  const hint = next === 'execute' ? 'it is completed; begin a turn with execute' : 'it failed; use retry';
  throw new HelixError('state_not_resumable', `session ${sessionId} cannot be resumed: ${hint}`);
}

/**
 * Only a failed run is retried; a retry that is under way is joined.
 *
 * @throws HelixError `state_session_not_found`, `state_already_running`, `state_not_resumable`
 */
export function judgeRetry(sessionId: string, session: SessionSnapshot | null): EntryVerdict {
  const run = mustHaveRun(sessionId, session);
  if (isLive(run) && run.entry === 'retry') return { join: run.runId };
  if (isLive(run)) throw new AgentAlreadyRunningError(sessionId, run.runId);
  const next = nextEntry(run);
  if (next === 'retry') return 'begin';
  throw new HelixError('state_not_resumable', `session ${sessionId} did not fail; go on with ${next}`);
}

function mustHaveRun(sessionId: string, session: SessionSnapshot | null): RunRecord {
  if (session?.run) return session.run;
  throw new HelixError('state_session_not_found', `there is no session ${sessionId}`);
}
