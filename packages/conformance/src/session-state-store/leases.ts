import { describe, expect, it, type TestContext } from 'vitest';
import { takeoverGraceMs, type ClaimOutcome, type SessionStateStore } from '@helix-agents/core';
import { callRecord, endParts, parkParts, replyParts, waitRecord } from '../records/commit-parts.ts';
import { expectEventually } from '../records/expect-eventually.ts';
import { newId } from '../records/new-id.ts';
import { SessionWriter } from '../records/session-writer.ts';
import { nowOf, type Opened } from './backend.ts';

const leaseMs = 30_000;

async function holder(store: SessionStateStore, onLost?: () => void): Promise<string> {
  const holderId = newId('holder');
  await store.openHolder({ holderId, leaseMs, ...(onLost && { onLost }) });
  return holderId;
}

/** One owner at a time, by the store's clock (S2, S14). */
export function leases(opened: Opened): void {
  const { claim, expectClaimed } = claims(opened);

  /** A session that a holder owns, with one call in flight. */
  const owned = async (holderId: string) => {
    const writer = await new SessionWriter(opened().store).start({ claim: { holderId } });
    return writer.write(replyParts(writer.runId, 1, [callRecord('call', { at: 'sent', attempt: 1, epoch: 1 })]));
  };

  describe('claim', () => {
    it('takes a queued run: one commit that raises the epoch', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      const holderId = await holder(store);
      expectClaimed(await claim(writer, holderId), writer, { holderId, takeover: false });
      expect(writer.model).toMatchObject({ version: 2, epoch: 2, run: { takeovers: 0, phase: { at: 'running' } } });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
      await writer.write(replyParts(writer.runId, 1));
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });

    it('of one queued run by many: one gets it', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      const holders = await Promise.all(Array.from({ length: 5 }, () => holder(store)));
      const outcomes = await Promise.all(holders.map((holderId) => claim(writer, holderId)));
      expect(outcomes.filter(({ claimed }) => claimed)).toHaveLength(1);
      const losers = outcomes.filter(({ claimed }) => !claimed);
      expect(losers).toEqual(Array.from({ length: 4 }, () => ({ claimed: false, reason: 'owned' })));
      expect(await store.head(writer.sessionId)).toMatchObject({ version: 2, epoch: 2 });
    });

    it('with the same token again is answered alike and raises nothing', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      const request = { holderId: await holder(store), runtime: writer.runtime, token: newId('claim') };
      const first = await store.claim(writer.sessionId, request);
      expect(await store.claim(writer.sessionId, request)).toEqual(first);
      expect(await store.head(writer.sessionId)).toMatchObject({ version: 2, epoch: 2 });
    });

    it('names why it cannot be: no session, not live, another runtime, owned, not due', async () => {
      const { store } = opened();
      const holderId = await holder(store);
      const reason = async (writer: SessionWriter, runtime = writer.runtime) => {
        const outcome = await store.claim(writer.sessionId, { holderId, runtime, token: newId('claim') });
        return outcome.claimed ? 'claimed' : outcome.reason;
      };
      const writer = new SessionWriter(store);
      expect(await reason(writer)).toBe('no-session');
      await writer.start({ claim: { holderId: await holder(store) } });
      expect(await reason(writer, 'elsewhere')).toBe('other-runtime');
      expect(await reason(writer)).toBe('owned');
      await writer.write(parkParts([waitRecord('w', writer.runId)]), 0);
      expect(await reason(writer)).toBe('not-due');
      await writer.write(endParts(), 0);
      expect(await reason(writer)).toBe('not-live');
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });

    it('of its own running session changes nothing', async () => {
      const { store } = opened();
      const holderId = await holder(store);
      const writer = await owned(holderId);
      expect(await claim(writer, holderId)).toEqual({ claimed: false, reason: 'owned' });
    });

    it('takes a parked run once something was delivered', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      await writer.write(parkParts([waitRecord('w', writer.runId)]), 0);
      const answer = { kind: 'input', value: 'yes' } as const;
      await writer.deliver({ kind: 'answer', waitId: 'w', generation: 0, answer, at: 5 });
      const holderId = await holder(store);
      expectClaimed(await claim(writer, holderId), writer, { holderId, takeover: false });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });

    it('takes a parked run that is not due only to resume it', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      await writer.write(parkParts([waitRecord('w', writer.runId)]), 0);
      const holderId = await holder(store);
      expect(await claim(writer, holderId)).toEqual({ claimed: false, reason: 'not-due' });
      expectClaimed(await claim(writer, holderId, true), writer, { holderId, takeover: false });
    });

    it('with resume does not take a session that is owned', async () => {
      const { store } = opened();
      const writer = await owned(await holder(store));
      expect(await claim(writer, await holder(store), true)).toEqual({ claimed: false, reason: 'owned' });
    });

    it('takes a parked run whose deadline has passed', async ({ skip }) => {
      const { store } = opened();
      const advance = timeTravel(opened, skip);
      const writer = await new SessionWriter(store).start();
      await writer.write(parkParts([waitRecord('w', writer.runId, nowOf(opened()) + 5_000)]), 0);
      const holderId = await holder(store);
      expect(await claim(writer, holderId)).toEqual({ claimed: false, reason: 'not-due' });
      await advance(5_001);
      expectClaimed(await claim(writer, holderId), writer, { holderId, takeover: false });
    });
  });

  describe('takeover', () => {
    it('is possible at once when the owner closed, and counts', async () => {
      const { store } = opened();
      const first = await holder(store);
      const writer = await owned(first);
      const late = writer.owner(replyParts(writer.runId, 2));
      await store.closeHolder(first);
      const second = await holder(store);
      expectClaimed(await claim(writer, second), writer, { holderId: second, takeover: true });
      expect(writer.model).toMatchObject({
        epoch: 2,
        run: { takeovers: 1 },
        step: { calls: [{ state: { epoch: 1 } }] },
      });
      expect(await store.commit(writer.sessionId, late)).toMatchObject({ landed: false, reason: 'fenced' });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });

    it('races a commit of the owner: whichever is first, the session is whole', async () => {
      const { store } = opened();
      for (let round = 0; round < 10; round += 1) {
        const first = await holder(store);
        const writer = await owned(first);
        const reply = writer.owner(replyParts(writer.runId, 2));
        await store.closeHolder(first);
        const second = await holder(store);
        const [outcome, taken] = await Promise.all([store.commit(writer.sessionId, reply), claim(writer, second)]);
        expect(outcome).toMatchObject(outcome.landed === true ? { version: 3 } : { reason: 'fenced' });
        writer.landed(reply, outcome);
        expectClaimed(taken, writer, { holderId: second, takeover: true });
        expect(await store.load(writer.sessionId)).toEqual(writer.model);
        expect(await store.messagesAfter(writer.sessionId, 0)).toEqual(writer.messages);
      }
    });

    it('by many at once gives the session to one', async () => {
      const { store } = opened();
      const first = await holder(store);
      const writer = await owned(first);
      await store.closeHolder(first);
      const takers = await Promise.all(Array.from({ length: 5 }, () => holder(store)));
      const outcomes = await Promise.all(takers.map((holderId) => claim(writer, holderId)));
      expect(outcomes.filter(({ claimed }) => claimed)).toHaveLength(1);
      expect(await store.head(writer.sessionId)).toMatchObject({ version: 3, epoch: 2 });
    });

    it('waits for the end of the lease and the grace after it', async ({ skip }) => {
      const { store } = opened();
      const advance = timeTravel(opened, skip);
      const writer = await owned(await holder(store));
      await advance(leaseMs + takeoverGraceMs - 1_000);
      const second = await holder(store);
      expect(await claim(writer, second)).toEqual({ claimed: false, reason: 'owned' });
      await advance(1_001);
      expectClaimed(await claim(writer, second), writer, { holderId: second, takeover: true });
    });

    it('is put off by every renewal', async ({ skip }) => {
      const { store } = opened();
      const advance = timeTravel(opened, skip);
      const first = await holder(store);
      const writer = await owned(first);
      for (let renewal = 0; renewal < 5; renewal += 1) {
        await advance(leaseMs - 1_000);
        expect(await store.renewHolder(first)).toBe(true);
      }
      expect(await claim(writer, await holder(store))).toEqual({ claimed: false, reason: 'owned' });
    });
  });

  describe('a holder', () => {
    it('whose lease ended takes nothing over from itself', async ({ skip }) => {
      const { store } = opened();
      const advance = timeTravel(opened, skip);
      const holderId = await holder(store);
      const writer = await owned(holderId);
      await advance(leaseMs + takeoverGraceMs + 1_000);
      const request = { holderId, runtime: writer.runtime, agentTypes: [writer.agentType], limit: 10 };
      expect(await claim(writer, holderId)).toEqual({ claimed: false, reason: 'owned' });
      expect(await store.claimDue(request)).toEqual([]);
      const other = await holder(store);
      expectClaimed(await claim(writer, other), writer, { holderId: other, takeover: true });
    });

    it('cannot renew a lease that ended, and is told once that it is lost', async ({ skip }) => {
      const { store } = opened();
      const advance = timeTravel(opened, skip);
      let lost = 0;
      const holderId = await holder(store, () => (lost += 1));
      await advance(leaseMs + 1);
      expect(await store.renewHolder(holderId)).toBe(false);
      expect(await store.renewHolder(holderId)).toBe(false);
      await expectEventually('onLost was called', () => lost > 0);
      expect(lost).toBe(1);
    });

    it('that lets go is not told that it lost', async () => {
      const { store } = opened();
      let lost = 0;
      const holderId = await holder(store, () => (lost += 1));
      await store.closeHolder(holderId);
      expect(await store.renewHolder(holderId)).toBe(false);
      expect(lost).toBe(0);
    });

    it('that is not known can neither renew nor fail to close', async () => {
      const { store } = opened();
      expect(await store.renewHolder(newId('holder'))).toBe(false);
      await store.closeHolder(newId('holder'));
    });
  });
}

/** Claims, and what a writer's model makes of them. */
function claims(opened: Opened) {
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
  return { claim, expectClaimed };
}

/** The way to move the store's clock, or the end of the test. */
export function timeTravel(opened: Opened, skip: TestContext['skip']): (ms: number) => Promise<void> {
  const backend = opened();
  if (!backend.advance) skip('nobody can move the clock of this backend');
  return async (ms) => {
    await backend.advance?.(ms);
  };
}
