import type { SessionRecords } from '../../contracts/session-state-store.ts';
import { Outage } from '../../ports/outage.ts';
import type { RuntimePorts } from '../../ports/ports.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import type { HolderLease } from './holder-lease.ts';

/** How soon a store that did not answer is asked again. */
const askAgainMs = 1_000;

const outageWords = {
  begins: 'could not read a session that may be ours; asking again',
  ends: 'read the session that may be ours',
};

export interface HeldSessionParts {
  readonly store: Pick<SessionRecords, 'load'>;
  readonly ports: Pick<RuntimePorts, 'clock' | 'logger'>;
}

/** The session, if it is running under this lease, and may be worked on. Asks until the store answers, or the lease ends. */
export async function loadHeld(
  { store, ports }: HeldSessionParts,
  sessionId: string,
  lease: HolderLease,
): Promise<SessionSnapshot | null> {
  const outage = new Outage(ports, outageWords, { sessionId });
  while (!lease.ending.aborted) {
    try {
      const session = await store.load(sessionId);
      outage.answered();
      return isHeldBy(session, lease) && !lease.ending.aborted ? session : null;
    } catch (error) {
      outage.failed(error);
      await ports.clock.sleep(askAgainMs, lease.ending).catch(() => {});
    }
  }
  return null;
}

/** Whether it is still the hold that it was: a session that was deleted and made anew under its id may have the same epoch. */
export function isSameHold(now: SessionSnapshot, before: SessionSnapshot): boolean {
  return now.epoch === before.epoch && now.run?.runId === before.run?.runId;
}

/** Whether a session is running under this lease. */
export function isHeldBy(
  session: SessionSnapshot | null,
  { holderId }: Pick<HolderLease, 'holderId'>,
): session is SessionSnapshot {
  const phase = session?.run?.phase;
  return phase?.at === 'running' && phase.holderId === holderId;
}
