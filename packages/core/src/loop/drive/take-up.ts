import type { Agent } from '../../agent/agent.ts';
import type { HolderLease } from '../lease/holder-lease.ts';
import { claimSession } from './claim-session.ts';
import type { EntryHost } from './entry-host.ts';

/**
 * Takes up a live session whose owner is gone, or in which something is due; with `resume` also one that only waits. False where
 * nothing had to be done.
 */
export async function takeUp(host: EntryHost, agent: Agent, sessionId: string, resume = false): Promise<boolean> {
  if (host.isDriving(sessionId)) return false;
  return host.underLease(async (lease) => {
    const release = host.reserve(sessionId);
    const claim = await askForIt(host, agent, sessionId, lease, resume).finally(release);
    // Owned by this process, it may be that nobody drives it.
    if (!claim.claimed && claim.reason === 'owned') return host.driveIfHeld(agent, sessionId, lease);
    return claim.claimed;
  });
}

async function askForIt(host: EntryHost, agent: Agent, sessionId: string, lease: HolderLease, resume: boolean) {
  try {
    const claim = await claimSession(host, lease, sessionId, resume);
    if (claim.claimed) host.drive(agent, claim.session, lease);
    return claim;
  } catch (error) {
    host.driveOnceHeld(agent, sessionId, lease);
    throw error;
  }
}
