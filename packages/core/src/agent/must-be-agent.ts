import { HelixError } from '../errors/helix-error.ts';
import type { AnyAgent } from './agent.ts';

/**
 * Refuses what `defineAgent` did not make: the fields of a definition are not those of an agent.
 *
 * @throws HelixError `agent_invalid`
 */
export function mustBeAgent(agent: AnyAgent): void {
  if (agent?.tools instanceof Map && typeof agent.policy === 'object') return;
  const given =
    typeof agent?.name === 'string' ? `the object named ${JSON.stringify(agent.name)}` : `this ${typeof agent}`;
  throw new HelixError('agent_invalid', `${given} is no agent; make it with defineAgent`);
}
