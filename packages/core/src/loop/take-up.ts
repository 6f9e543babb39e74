import type { Agent } from '../agent/agent.ts';
import type { EntryHost } from './entry-host.ts';
import { isHeldBy } from './held-session.ts';
import type { HolderLease } from './holder-lease.ts';

/**
 * Takes up a live session whose owner is gone, or in which something is due; with `resume` also one that only waits. False where
 * nothing had to be done.
 */
export async function takeUp(host: EntryHost, agent: Agent, sessionId: string, resume = false): Promise<boolean> {
  if (host.isDriving(sessionId)) return false;
  return host.underLease(async (lease) => {
    const { runtime, parts } = host;
    const unheard = (error: unknown): never => {
      host.takeBack(agent, sessionId, lease);
      throw error;
    };
    const request = { holderId: lease.holderId, runtime, token: parts.ports.ids.next('cmt'), resume };
    const claim = await parts.store.claim(sessionId, request).catch(unheard);
    if (claim.claimed) host.start(agent, claim.session, lease);
    else if (claim.reason === 'owned') return driveOwn(host, agent, sessionId, lease);
    return claim.claimed;
  });
}

/** A session that is ours although nobody drives it: the reply that would have said so was lost. */
async function driveOwn(host: EntryHost, agent: Agent, sessionId: string, lease: HolderLease): Promise<boolean> {
  const session = await host.parts.store.load(sessionId);
  if (!isHeldBy(session, lease)) return false;
  host.start(agent, session, lease);
  return true;
}
