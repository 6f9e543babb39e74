import type { Agent, AnyAgent } from './agent.ts';
import { mustBeAgent } from './must-be-agent.ts';

/**
 * An agent as the loop handles it: by its name, whatever its state and output are. What it reads and gives is checked by its schemas,
 * so the loop needs no types for it.
 *
 * @throws HelixError `agent_invalid` for what `defineAgent` did not make
 */
export function withoutTypes(agent: AnyAgent): Agent {
  mustBeAgent(agent);
  return agent as Agent;
}
