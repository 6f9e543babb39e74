import type { Agent, AnyAgent } from './agent.ts';

/**
 * An agent as the loop handles it: by its name, whatever its state and output are. What it reads and gives is checked by its schemas,
 * so the loop needs no types for it.
 */
export function withoutTypes(agent: AnyAgent): Agent {
  return agent as Agent;
}
