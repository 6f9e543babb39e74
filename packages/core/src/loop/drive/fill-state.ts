import type { Decision } from '../decide/decision.ts';
import { completeState } from '../owner/complete-state.ts';
import type { Owner } from '../owner/owner.ts';
import { nextDecision, settle, settleFacts } from '../step/settle.ts';

/**
 * What is to be done first in a run that goes on here, once its state has the fields that it lacks: it may have begun under an earlier
 * release of its agent, whose schema did not have them, and the prompt, the hooks and the tools of this one read them. Where a run
 * begins, its entry fills them in.
 */
export async function fillState(owner: Owner): Promise<Decision> {
  const { parts } = owner;
  const next = await afterPersonsWord(owner);
  const { session } = owner;
  if (!parts.agent.stateSchema || owner.isCut || waits(next)) return next;
  // What the schema refuses, or fails at, is left as it is: a run that goes on has nobody to refuse it to.
  const filling = completeState(parts.agent, session.state, undefined);
  const operations = await owner
    .awaitUserCode(filling, 'the stateSchema')
    .catch((error: unknown) => leave(owner, error));
  if (operations.length === 0) return nextDecision(owner);
  return settle(owner, { head: { state: operations }, chunks: [{ type: 'state_patch', operations }] });
}

/** A person's word is written first: where the schema is what ends each owner, these are counted anew, and do not go on for ever. */
async function afterPersonsWord(owner: Owner): Promise<Decision> {
  const { session, parts } = owner;
  const next = nextDecision(owner);
  const isExhausted = (session.run?.takeovers ?? 0) >= parts.agent.policy.maxTakeovers;
  return next.kind === 'fold' && isExhausted && !owner.isCut ? settleFacts(owner, next.facts) : next;
}

/** A stop or a lost lease found the schema running: that is no failure of it. */
function leave({ session: { sessionId }, isCut, parts: { ports } }: Owner, error: unknown): [] {
  const what = 'the stateSchema failed; the run goes on with its state as it is';
  if (!isCut) ports.logger.log('warn', what, { sessionId, error });
  return [];
}

/** A run that was taken over too often waits: its schema may be what ended its owners. */
function waits(next: Decision): boolean {
  return next.kind === 'park' && next.on.length > 0;
}
