import type { ClaimOutcome } from '../../contracts/session-state-store.ts';
import type { HolderLease } from '../lease/holder-lease.ts';
import { commitSpan } from '../owner/commit-span.ts';
import type { OwnerParts } from '../owner/owner.ts';
import { logTakenUp } from './log-taken-up.ts';

interface ClaimingHost {
  readonly runtime: string;
  readonly parts: Pick<OwnerParts, 'store' | 'ports'>;
}

/** Asks for a session as its next owner; with `resume` also for one that only waits. That is a commit where it is claimed. */
export async function claimSession(
  { runtime, parts: { store, ports } }: ClaimingHost,
  { holderId }: HolderLease,
  sessionId: string,
  resume: boolean,
): Promise<ClaimOutcome> {
  const token = ports.ids.next('cmt');
  const span = commitSpan(ports, sessionId, 'takeover');
  try {
    const claim = await store.claim(sessionId, { holderId, runtime, token, resume });
    span.set({ 'helix.claimed': claim.claimed });
    span.end();
    if (claim.claimed) logTakenUp(ports.logger, claim.session);
    return claim;
  } catch (error) {
    span.end(error);
    throw error;
  }
}
