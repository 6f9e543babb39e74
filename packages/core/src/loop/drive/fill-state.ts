import type { Decision } from '../decide/decision.ts';
import { completeState } from '../owner/complete-state.ts';
import type { Owner } from '../owner/owner.ts';
import { nextDecision, settle } from '../step/settle.ts';

/**
 * What is to be done first in a run that goes on here, once its state has the fields that it lacks: it may have begun under an earlier
 * release of its agent, whose schema did not have them, and the prompt, the hooks and the tools of this one read them. Where a run
 * begins, its entry fills them in.
 */
export async function fillState(owner: Owner): Promise<Decision> {
  const { session, parts } = owner;
  const next = nextDecision(owner);
  if (!parts.agent.stateSchema || !goesOn(next)) return next;
  // What the schema refuses, or fails at, is left as it is: a run that goes on has nobody to refuse it to.
  const filling = completeState(parts.agent, session.state, undefined);
  const operations = await owner.awaitUserCode(filling, 'the stateSchema').catch(() => []);
  if (operations.length === 0) return nextDecision(owner);
  return settle(owner, { head: { state: operations }, chunks: [{ type: 'state_patch', operations }] });
}

/**
 * Not where the run was stopped, nor where it waits: nothing reads the state there. A stop must not wait for a schema that never
 * answers; nor may one that ends its process be asked again by a run that was taken over too often.
 */
function goesOn(next: Decision): boolean {
  if (next.kind === 'park') return next.on.length === 0;
  if (next.kind === 'fold') return !next.facts.some(({ fact }) => fact === 'stop');
  return next.kind !== 'end' || next.cause.reason !== 'stop';
}
