import type { Decision } from '../decide/decision.ts';
import { longestBackoffMs } from '../model/backoff.ts';
import { callModel } from '../model/call-model.ts';
import { emptyDraft } from '../owner/draft.ts';
import type { Owner } from '../owner/owner.ts';
import { dispatchTools, isClaimed } from '../tools/dispatch-tools.ts';
import { reconcile } from '../tools/reconcile.ts';
import { nextDecision, settle } from './settle.ts';

/**
 * Performs one decision, commits what it came to, and answers the next one: the only code that performs the loop's effects.
 * Every runtime calls it, or its halves.
 *
 * @throws HelixError `state_lease_lost` where the session has, or may have, another owner: nothing more may be done here
 */
export function advance(owner: Owner, decision: Decision): Promise<Decision> {
  switch (decision.kind) {
    case 'call-model':
      return settle(owner, callModel(owner, decision));
    case 'dispatch':
      // Bodies run once a commit says that they may; after a takeover, that commit is still to come.
      return settle(
        owner,
        isClaimed(owner.session, decision.tools) ? dispatchTools(owner, decision.tools) : emptyDraft,
      );
    case 'reconcile':
      return explainLost(owner, decision.calls);
    case 'park':
      return decision.on.length === 0 ? backOff(owner, decision.wakeAt ?? 0) : settle(owner, emptyDraft);
    default:
      return settle(owner, emptyDraft);
  }
}

async function explainLost(owner: Owner, callIds: readonly string[]): Promise<Decision> {
  const { draft, again } = await reconcile(owner, callIds);
  return settle(owner, draft, again);
}

/**
 * A failed model call waits in the process: its owner keeps the lease, and a stop ends the wait. When to go on was written by the
 * clock of whoever failed: where that was ahead, what the limits allow is over sooner.
 */
async function backOff(owner: Owner, wakeAt: number): Promise<Decision> {
  const { clock, limits } = owner.parts.ports;
  const { step } = owner.session;
  const longestMs = step?.at === 'failed' ? longestBackoffMs(limits, step) : 0;
  await clock.sleep(Math.max(0, Math.min(wakeAt - owner.now, longestMs)), owner.signal).catch(() => owner.cut());
  const next = await settle(owner, emptyDraft);
  return next.kind === 'park' && next.on.length === 0 ? nextDecision(owner, wakeAt) : next;
}
