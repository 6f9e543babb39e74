import type { Agent } from '../../agent/agent.ts';
import type { SessionHost } from './session-host.ts';
import { logTakenUp } from './log-taken-up.ts';

/** Takes up sessions in which something is due, of these agents by name, at most `limit`. Resolves with how many there were. */
export function takeUpDue(host: SessionHost, agents: ReadonlyMap<string, Agent>, limit: number): Promise<number> {
  const { runtime, parts } = host;
  return host.underLease(async (lease) => {
    const request = { holderId: lease.holderId, runtime, agentTypes: [...agents.keys()], limit };
    const release = host.reserve();
    try {
      const claimed = await parts.store.claimDue(request);
      for (const session of claimed) {
        logTakenUp(parts.ports.logger, session);
        const agent = agents.get(session.agentType);
        if (agent) host.drive(agent, session, lease);
      }
      return claimed.length;
    } finally {
      release();
    }
  });
}
