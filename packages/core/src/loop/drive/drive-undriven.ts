import type { Agent } from '../../agent/agent.ts';
import type { HolderLease } from '../lease/holder-lease.ts';
import type { SessionHost } from './session-host.ts';

/**
 * Drives sessions of these agents that are this process's and that nobody here drives: a database that forgot what it had confirmed,
 * as a replica that was behind, may give back a run that was over, and no other process takes it up while this one lives.
 */
export function driveUndriven(host: SessionHost, agents: ReadonlyMap<string, Agent>): Promise<void> {
  return host.underLease(async (lease) => {
    for (const { sessionId, agentType } of await host.parts.store.listHeld(lease.holderId)) {
      const agent = agents.get(agentType);
      if (agent) await driveIfUndriven(host, agent, sessionId, lease);
    }
  });
}

/** Never rejects: the others are to be driven. */
async function driveIfUndriven(host: SessionHost, agent: Agent, sessionId: string, lease: HolderLease): Promise<void> {
  const { logger } = host.parts.ports;
  try {
    if (await host.driveIfHeld(agent, sessionId, lease))
      logger.log('warn', 'nobody drove a session of this process; it goes on', { sessionId });
  } catch (error) {
    logger.log('warn', 'a session of this process could not be read', { sessionId, error });
  }
}
