import type { Logger } from '../../ports/ports.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';

/** Says that a run goes on in another process than before: whoever looks for what became of it finds where. */
export function logTakenUp(logger: Logger, { sessionId, run }: SessionSnapshot): void {
  const why = run && run.takeovers > 0 ? 'its owner is gone' : 'something is due in it';
  logger.log('info', 'took up a session', { sessionId, runId: run?.runId, why });
}
