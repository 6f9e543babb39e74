import { describe, expect, it } from 'vitest';
import { endParts, replyParts } from '../records/commit-parts.ts';
import { answerItem } from '../records/inbox-items.ts';
import { newId } from '../records/new-id.ts';
import { SessionWriter } from '../records/session-writer.ts';
import { nowOf, type Opened } from './backend.ts';
import { claimsOf, holder } from './claims-of.ts';
import { timeTravel } from './time-travel.ts';

/** One owner at a time (S2). */
export function claims(opened: Opened): void {
  const { claim, expectClaimed, owned } = claimsOf(opened);

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
      await writer.park();
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
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });

    it('takes a parked run once something was delivered', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      await writer.park();
      await writer.deliver(answerItem());
      const holderId = await holder(store);
      expectClaimed(await claim(writer, holderId), writer, { holderId, takeover: false });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });

    it('takes a parked run that is not due only to resume it', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      await writer.park();
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
      await writer.park(nowOf(opened()) + 5_000);
      const holderId = await holder(store);
      expect(await claim(writer, holderId)).toEqual({ claimed: false, reason: 'not-due' });
      await advance(5_001);
      expectClaimed(await claim(writer, holderId), writer, { holderId, takeover: false });
    });
  });
}
