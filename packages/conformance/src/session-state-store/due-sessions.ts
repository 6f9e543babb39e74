import { describe, expect, it } from 'vitest';
import { takeoverGraceMs, type SessionStateStore } from '@helix-agents/core';
import { endParts, parkParts, waitRecord } from '../records/commit-parts.ts';
import { answerItem, messageItem } from '../records/inbox-items.ts';
import { newId } from '../records/new-id.ts';
import { SessionWriter } from '../records/session-writer.ts';
import { nowOf, type Opened, type SessionStateStoreBackend } from './backend.ts';
import { holder } from './claims-of.ts';
import { timeTravel } from './time-travel.ts';

/** Until the store's clock shows another time. */
async function aMoment(backend: SessionStateStoreBackend): Promise<void> {
  if (backend.advance) await backend.advance(5);
  else await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Nothing waits for a process that happens to be alive (S14). */
export function dueSessions(opened: Opened): void {
  const pump = async (store: SessionStateStore, runtime: string, limit = 100, agentTypes = ['tester']) => {
    const holderId = await holder(store);
    return store.claimDue({ holderId, runtime, agentTypes, limit });
  };
  const ids = (sessions: readonly { sessionId: string }[]) => sessions.map(({ sessionId }) => sessionId).toSorted();

  describe('claimDue', () => {
    it('finds queued runs of its runtime and agents, and no others', async () => {
      const { store } = opened();
      const runtime = newId('runtime');
      const mine = [
        await new SessionWriter(store, { runtime }).start(),
        await new SessionWriter(store, { runtime }).start(),
      ];
      await new SessionWriter(store).start();
      await new SessionWriter(store, { runtime, agentType: 'other' }).start();
      const parked = await new SessionWriter(store, { runtime }).start();
      await parked.park();
      const ended = await new SessionWriter(store, { runtime }).start();
      await ended.write(endParts(), 0);
      const claimed = await pump(store, runtime);
      expect(ids(claimed)).toEqual(ids(mine));
      for (const session of claimed) {
        expect(session).toMatchObject({ version: 2, epoch: 2, run: { takeovers: 0, phase: { at: 'running' } } });
        expect(await store.load(session.sessionId)).toEqual(session);
      }
      expect(await pump(store, runtime)).toEqual([]);
    });

    it('takes at most as many as asked', async () => {
      const { store } = opened();
      const runtime = newId('runtime');
      for (let made = 0; made < 5; made += 1) await new SessionWriter(store, { runtime }).start();
      expect(await pump(store, runtime, 2)).toHaveLength(2);
      expect(await pump(store, runtime, 2)).toHaveLength(2);
      expect(await pump(store, runtime, 2)).toHaveLength(1);
    });

    it('takes at most as many as asked, also where some wait and others were left', async () => {
      const { store } = opened();
      const runtime = newId('runtime');
      const holderId = await holder(store);
      for (const claim of [{}, {}, { claim: { holderId } }, { claim: { holderId } }])
        await new SessionWriter(store, { runtime }).start(claim);
      await store.closeHolder(holderId);
      expect(await pump(store, runtime, 3)).toHaveLength(3);
      expect(await pump(store, runtime, 3)).toHaveLength(1);
    });

    it('takes the longest waiting first, whatever is delivered to it meanwhile', async () => {
      const { store } = opened();
      const runtime = newId('runtime');
      const parked = async (deadline?: number) => {
        const writer = await new SessionWriter(store, { runtime }).start();
        return writer.park(deadline);
      };
      const waiting = [await parked(), await parked(), await parked()];
      for (const writer of waiting) {
        await writer.deliver(answerItem());
        await aMoment(opened());
      }
      const longest = await parked(nowOf(opened()) - 60_000);
      for (const [index, writer] of [waiting[0]!, longest].entries()) await writer.deliver(messageItem(`m${index}`));
      const order = [longest, ...waiting].map(({ sessionId }) => [sessionId]);
      for (const next of order) expect(ids(await pump(store, runtime, 1))).toEqual(next);
    });

    it('takes what a dead owner left, also where more is due than it is asked for', async () => {
      const { store } = opened();
      const runtime = newId('runtime');
      const holderId = await holder(store);
      const left = await new SessionWriter(store, { runtime }).start({ claim: { holderId } });
      await store.closeHolder(holderId);
      for (let made = 0; made < 3; made += 1) await new SessionWriter(store, { runtime }).start();
      expect(ids(await pump(store, runtime, 2))).toContain(left.sessionId);
    });

    it('of many holders at once gives each session to one', async () => {
      const { store } = opened();
      const runtime = newId('runtime');
      const made: SessionWriter[] = [];
      for (let index = 0; index < 12; index += 1) made.push(await new SessionWriter(store, { runtime }).start());
      const taken = (
        await Promise.all([pump(store, runtime, 8), pump(store, runtime, 8), pump(store, runtime, 8)])
      ).flat();
      taken.push(...(await pump(store, runtime)));
      expect(ids(taken)).toEqual(ids(made));
    });

    it('finds parked runs that were answered', async () => {
      const { store } = opened();
      const runtime = newId('runtime');
      const writer = await new SessionWriter(store, { runtime }).start();
      await writer.park();
      expect(await pump(store, runtime)).toEqual([]);
      await writer.deliver(answerItem());
      expect(ids(await pump(store, runtime))).toEqual([writer.sessionId]);
    });

    it('finds parked runs that are to stop', async () => {
      const { store } = opened();
      const runtime = newId('runtime');
      const writer = await new SessionWriter(store, { runtime }).start();
      await writer.park();
      await writer.deliver({ kind: 'stop', runId: writer.runId, stop: 'abort', at: 5 });
      expect(ids(await pump(store, runtime))).toEqual([writer.sessionId]);
    });

    it('leaves a run alone that parked over what it does not wait for: else it would be taken up for ever', async () => {
      const { store } = opened();
      const runtime = newId('runtime');
      const writer = await new SessionWriter(store, { runtime }).start();
      await writer.deliver(messageItem());
      await writer.write(parkParts([waitRecord('w', writer.runId)]), 1);
      expect(await pump(store, runtime)).toEqual([]);
    });

    it('gives a session once: what a holder got is not in the answer to its next request', async () => {
      const { store } = opened();
      const runtime = newId('runtime');
      await new SessionWriter(store, { runtime }).start();
      const request = { holderId: await holder(store), runtime, agentTypes: ['tester'], limit: 10 };
      expect(await store.claimDue(request)).toHaveLength(1);
      expect(await store.claimDue(request)).toEqual([]);
    });

    it('finds what a closed holder left, as a takeover', async () => {
      const { store } = opened();
      const runtime = newId('runtime');
      const holderId = await holder(store);
      const writer = await new SessionWriter(store, { runtime }).start({ claim: { holderId } });
      // Of what it left, others may do only what they can: not other agents, and not for another runtime.
      const other = await new SessionWriter(store, { runtime, agentType: 'other' }).start({ claim: { holderId } });
      const elsewhere = await new SessionWriter(store).start({ claim: { holderId } });
      expect(await pump(store, runtime)).toEqual([]);
      await store.closeHolder(holderId);
      expect(await pump(store, runtime)).toMatchObject([{ sessionId: writer.sessionId, run: { takeovers: 1 } }]);
      expect(ids(await pump(store, runtime, 100, ['other']))).toEqual([other.sessionId]);
      expect(ids(await pump(store, elsewhere.runtime))).toEqual([elsewhere.sessionId]);
    });

    it('finds waits and dead owners when their time has come', async ({ skip }) => {
      const { store } = opened();
      const advance = timeTravel(opened, skip);
      const runtime = newId('runtime');
      const now = nowOf(opened());
      const waiting = await new SessionWriter(store, { runtime }).start();
      await waiting.park(now + 5_000);
      const holderId = await holder(store);
      const orphan = await new SessionWriter(store, { runtime }).start({ claim: { holderId } });
      expect(await pump(store, runtime)).toEqual([]);
      await advance(5_001);
      expect(ids(await pump(store, runtime))).toEqual([waiting.sessionId]);
      await advance(25_000);
      expect(ids(await pump(store, runtime))).toEqual([]);
      await advance(takeoverGraceMs);
      expect(ids(await pump(store, runtime))).toContain(orphan.sessionId);
    });
  });
}
