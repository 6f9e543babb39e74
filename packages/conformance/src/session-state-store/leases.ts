import { describe, expect, it } from 'vitest';
import { takeoverGraceMs } from '@helix-agents/core';
import { endParts, replyParts } from '../records/commit-parts.ts';
import { expectEventually } from '../records/expect-eventually.ts';
import { newId } from '../records/new-id.ts';
import { SessionWriter } from '../records/session-writer.ts';
import type { Opened } from './backend.ts';
import { claimsOf, holder, leaseMs } from './claims-of.ts';
import { timeTravel } from './time-travel.ts';

/** One owner at a time, by the store's clock (S2, S14). */
export function leases(opened: Opened): void {
  const { claim, expectClaimed, owned } = claimsOf(opened);

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
    it('keeps its own lease, as long as it asked for, whoever else renews', async ({ skip }) => {
      const { store } = opened();
      const advance = timeTravel(opened, skip);
      const [silent, brief, busy] = [await holder(store), newId('holder'), await holder(store)];
      await store.openHolder({ holderId: brief, leaseMs: leaseMs / 2 });
      const writer = await owned(silent);
      await advance(leaseMs / 2 + 1_000);
      expect(await store.renewHolder(brief)).toBe(false);
      expect(await store.renewHolder(busy)).toBe(true);
      await advance(leaseMs / 2);
      expect(await store.renewHolder(silent)).toBe(false);
      // A renewal counts from its own moment, not from the end of the one before.
      expect(await store.renewHolder(busy)).toBe(true);
      await advance(takeoverGraceMs);
      expectClaimed(await claim(writer, busy), writer, { holderId: busy, takeover: true });
      await advance(leaseMs - takeoverGraceMs + 1_000);
      expect(await store.renewHolder(busy)).toBe(false);
    });

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

    it('that is not known can neither renew nor fail to close, and owns nothing', async () => {
      const { store } = opened();
      expect(await store.renewHolder(newId('holder'))).toBe(false);
      expect(await store.listHeld(newId('holder'))).toEqual([]);
      await store.closeHolder(newId('holder'));
    });

    it('is told which runs it owns: not those that rest, and not those of others', async () => {
      const { store } = opened();
      const [holderId, other] = [await holder(store), await holder(store)];
      const begun = await owned(holderId);
      const [claimed, parked, ended, taken] = [1, 2, 3, 4].map(() => new SessionWriter(store));
      await claimed!.start();
      expectClaimed(await claim(claimed!, holderId), claimed!, { holderId, takeover: false });
      await (await parked!.start({ claim: { holderId } })).park();
      await (await ended!.start({ claim: { holderId } })).write(endParts(), 0);
      await taken!.start({ claim: { holderId: other } });
      const held = async () => (await store.listHeld(holderId)).toSorted(bySession);
      const expected = (...writers: readonly SessionWriter[]) =>
        writers.map(({ sessionId, agentType }) => ({ sessionId, agentType })).toSorted(bySession);
      expect(await held()).toEqual(expected(begun, claimed!));
      await store.closeHolder(other);
      expectClaimed(await claim(taken!, holderId), taken!, { holderId, takeover: true });
      expect(await held()).toEqual(expected(begun, claimed!, taken!));
      expect(await store.listHeld(other)).toEqual([]);
    });
  });
}

function bySession(one: { readonly sessionId: string }, other: { readonly sessionId: string }): number {
  return one.sessionId < other.sessionId ? -1 : 1;
}
