import type { Agent } from '../../agent/agent.ts';
import type { SessionStateStore } from '../../contracts/session-state-store.ts';
import { HelixError } from '../../errors/helix-error.ts';

/**
 * Refuses an agent with a tool that may not run twice over a store that may lose what it confirmed: the next owner would not know of
 * the body. A store that ends with its process loses the session with the call.
 *
 * @throws HelixError `state_store_unsuitable`, naming the tool
 */
export function mustKeepCalls({ durability }: Pick<SessionStateStore, 'durability'>, { name, tools }: Agent): void {
  if (durability !== 'second') return;
  const once = [...tools.values()].find(({ replay }) => replay === 'never');
  if (!once) return;
  const problem = `agent ${name}: the tool ${once.name} may not run twice (replay: 'never')`;
  throw new HelixError('state_store_unsuitable', `${problem}; that needs a store of durability 'commit', not 'second'`);
}
