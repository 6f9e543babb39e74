import { HelixError } from '../../errors/helix-error.ts';
import { mayPass } from '../../errors/may-pass.ts';
import { Outage } from '../../ports/outage.ts';
import type { CommitOutcome, SessionCommit } from '../../session/commit.ts';
import type { LeaseGuard } from '../lease/lease-guard.ts';
import type { CommitPurpose } from '../owner/boundaries.ts';
import { commitSpan } from '../owner/commit-span.ts';
import type { Owner } from '../owner/owner.ts';

const firstPauseMs = 50;
const longestPauseMs = 2_000;

const outageWords = {
  begins: 'the outcome of a commit is not known; asking again',
  ends: 'the outcome of the commit is known',
};

/**
 * Writes a commit until it is known what became of it, or the lease ends. A commit of unknown outcome is repeated with the same
 * token: it lands once, however often it arrives.
 */
export async function writeCommit(owner: Owner, commit: SessionCommit, purpose: CommitPurpose): Promise<CommitOutcome> {
  const { store, ports, lease } = owner.parts;
  const { sessionId } = owner.session;
  const span = commitSpan(ports, sessionId, purpose);
  owner.reached(`${purpose}-commit:before`);
  // Made where there is one: nearly every commit is known at once.
  let outage: Outage | undefined;
  let pauseMs = firstPauseMs;
  for (;;) {
    let outcome: CommitOutcome;
    try {
      outcome = await store.commit(sessionId, commit);
    } catch (thrown) {
      const error = HelixError.from(thrown, 'state_store_unavailable');
      // A store that cannot be reached tells nothing; one that refuses the data tells that this can never land.
      if (!mayPass(error)) {
        span.end(error);
        throw error;
      }
      outcome = { landed: 'unknown', cause: error };
    }
    if (outcome.landed !== 'unknown') outage?.answered();
    if (outcome.landed !== 'unknown' || !(await isOurs(lease))) {
      if (outcome.landed === true) owner.reached(`${purpose}-commit:after`);
      span.end(outcome.landed === 'unknown' ? outcome.cause : undefined);
      return outcome;
    }
    outage ??= new Outage(ports, outageWords, { sessionId, purpose });
    outage.failed(outcome.cause);
    await ports.clock.sleep(pauseMs);
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
  }
}

/** What took the answer to a commit may have taken the proof of the lease, too: whether it is still held is waited for. */
function isOurs(lease: LeaseGuard): Promise<boolean> {
  return lease.untilSafe().then(
    () => true,
    () => false,
  );
}
