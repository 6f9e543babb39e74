import { expect } from 'vitest';
import type { ClaimOutcome, SessionStateStore } from '@helix-agents/core';
import { callRecord, replyParts } from '../records/commit-parts.ts';
import { newId } from '../records/new-id.ts';
import { SessionWriter } from '../records/session-writer.ts';
import type { Opened } from './backend.ts';

export const leaseMs = 30_000;

/** Claims, and what a writer's model makes of them. */
export function claimsOf(opened: Opened) {
  const tokens = new WeakMap<ClaimOutcome, string>();
  const claim = async (writer: SessionWriter, holderId: string, resume?: true) => {
    const token = newId('claim');
    const request = { holderId, runtime: writer.runtime, token, ...(resume && { resume }) };
    const outcome = await opened().store.claim(writer.sessionId, request);
    tokens.set(outcome, token);
    return outcome;
  };
  const expectClaimed = (
    outcome: ClaimOutcome,
    writer: SessionWriter,
    run: { readonly holderId: string; readonly takeover: boolean },
  ) => {
    if (!outcome.claimed) throw new Error(`not claimed: ${outcome.reason}`);
    writer.claimed({ op: 'claim', ...run }, tokens.get(outcome)!, outcome.session.updatedAt);
    expect(outcome.session).toEqual(writer.model);
  };
  /** A session that a holder owns, with one call in flight. */
  const owned = async (holderId: string) => {
    const writer = await new SessionWriter(opened().store).start({ claim: { holderId } });
    return writer.write(replyParts(writer.runId, 1, [callRecord('call', { at: 'sent', attempt: 1, epoch: 1 })]));
  };
  return { claim, expectClaimed, owned };
}

/** A process that holds a lease, by its id. */
export async function holder(store: SessionStateStore, onLost?: () => void): Promise<string> {
  const holderId = newId('holder');
  await store.openHolder({ holderId, leaseMs, ...(onLost && { onLost }) });
  return holderId;
}
