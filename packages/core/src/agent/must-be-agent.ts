import { HelixError } from '../errors/helix-error.ts';
import type { AnyAgent } from './agent.ts';
import { shown } from './shown.ts';

/**
 * Refuses what `defineAgent` did not make: the fields of a definition are not those of an agent.
 *
 * @throws HelixError `agent_invalid`
 */
export function mustBeAgent(agent: AnyAgent): void {
  if (agent?.tools instanceof Map && typeof agent.policy === 'object') return;
  throw new HelixError('agent_invalid', `${shown(agent)} is no agent; make it with defineAgent`);
}
