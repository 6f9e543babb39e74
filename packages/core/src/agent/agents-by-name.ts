import { HelixError } from '../errors/helix-error.ts';
import type { Agent, AnyAgent } from './agent.ts';
import { withoutTypes } from './without-types.ts';

/**
 * The agents of a host, as its options have them: each under its own name, by which sessions know it. `host` begins what is said of
 * a mistake.
 *
 * @throws HelixError `input_invalid` for a list, for none at all, and for a key that is not the name; `agent_invalid` for what
 *   `defineAgent` did not make
 */
export function agentsByName(host: string, given: Readonly<Record<string, AnyAgent>>): ReadonlyMap<string, Agent> {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw invalid(host, 'agents must hold agents by their names: { [agent.name]: agent }');
  const agents = new Map(Object.entries(given).map(([name, agent]) => [name, withoutTypes(agent)]));
  if (agents.size === 0) throw invalid(host, 'agents must name at least one agent');
  for (const [key, { name }] of agents)
    if (key !== name) throw invalid(host, `agents.${key} is the agent ${name}: use its name as the key`);
  return agents;
}

function invalid(host: string, problem: string): HelixError {
  return new HelixError('input_invalid', `${host}: ${problem}`);
}
