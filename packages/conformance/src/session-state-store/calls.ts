import { describe, expect, it } from 'vitest';
import { HelixError, type CallChange } from '@helix-agents/core';
import { callRecord, closeParts, endParts, replyParts } from '../records/commit-parts.ts';
import { newId } from '../records/new-id.ts';
import { SessionWriter } from '../records/session-writer.ts';
import type { Opened } from './backend.ts';
import { holder } from './claims-of.ts';

const settled = (callId: string, result = 'done'): CallChange => ({ callId, state: { at: 'settled', result } });
const sent = (epoch: number) => ({ at: 'sent', attempt: 1, epoch }) as const;

/** Ledger rows move outside of commits, forward only, under epoch and run (S4). */
export function calls(opened: Opened): void {
  const withCalls = async (state: Parameters<typeof callRecord>[1], ...callIds: string[]) => {
    const writer = await new SessionWriter(opened().store).start();
    return writer.write(
      replyParts(
        writer.runId,
        1,
        callIds.map((callId) => callRecord(callId, state)),
      ),
    );
  };

  describe('settleCalls', () => {
    it('writes final states of sent calls, answers them, and moves no version', async () => {
      const writer = await withCalls(sent(1), 'a', 'b', 'c');
      const failed: CallChange = { callId: 'c', state: { at: 'unknown', note: 'the process died' } };
      expect((await writer.settle([settled('a'), failed])).toSorted()).toEqual(['a', 'c']);
      const loaded = await opened().store.load(writer.sessionId);
      expect(loaded).toEqual(writer.model);
      expect(loaded).toMatchObject({ version: 2, inbox: 0, step: { calls: [{ state: { result: 'done' } }, {}, {}] } });
    });

    it('again changes nothing, also with another result', async () => {
      const writer = await withCalls(sent(1), 'a');
      await writer.settle([settled('a')]);
      expect(await writer.settle([settled('a', 'other')])).toEqual([]);
      expect(await opened().store.load(writer.sessionId)).toEqual(writer.model);
    });

    it('keeps all that is said of how a call ended', async () => {
      const writer = await withCalls(sent(1), 'a', 'b');
      const patch = [{ op: 'add', path: '/found', value: 1 }] as const;
      const error = new HelixError('tool_failed', 'no', { details: { status: 404 } }).toDetail();
      const ends: CallChange[] = [
        { callId: 'a', state: { at: 'settled', result: null, patch, after: 1, finishes: true } },
        { callId: 'b', state: { at: 'failed', error } },
      ];
      await writer.settle(ends);
      const loaded = await opened().store.load(writer.sessionId);
      expect(loaded).toEqual(writer.model);
      expect(loaded).toMatchObject({ step: { calls: ends } });
    });

    it('keeps what a call used, until a commit says how it ended', async () => {
      const writer = await withCalls(sent(1), 'a', 'b');
      const used = { runId: writer.runId, step: 1, callId: 'a', toolName: 'search', ok: true, durationMs: 1, at: 1 };
      const usage = [{ v: 1, kind: 'tool', ...used } as const];
      await writer.settle([{ ...settled('a'), usage }]);
      const { store } = opened();
      expect(await store.load(writer.sessionId)).toMatchObject({ step: { calls: [{ usage }, {}] } });
      await writer.write({ calls: [settled('a'), settled('b')], usage });
      const loaded = await store.load(writer.sessionId);
      expect(loaded).toEqual(writer.model);
      expect(loaded).toMatchObject({ usage: { toolStats: { totalCalls: 1 } } });
      expect(JSON.stringify(loaded?.step)).not.toContain('usage');
    });

    it('in one run says nothing of a call with the same id in the next', async () => {
      const writer = await withCalls(sent(1), 'a');
      await writer.settle([settled('a', 'of the run before')]);
      const supersedes = { op: 'end', outcome: 'interrupted', reason: 'superseded', endedAt: 5 } as const;
      await writer.start({ supersedes, claim: { holderId: 'h' } });
      await writer.write(replyParts(writer.runId, 1, [callRecord('a', sent(2))]));
      const loaded = await opened().store.load(writer.sessionId);
      expect(loaded).toEqual(writer.model);
      expect(loaded).toMatchObject({ step: { calls: [{ state: sent(2) }] } });
    });

    it('at once from many writers lets one result stand', async () => {
      const writer = await withCalls(sent(1), 'a');
      const { store } = opened();
      const answers = await Promise.all(
        ['x', 'y', 'z'].map((result) => store.settleCalls(writer.sessionId, writer.claim, [settled('a', result)])),
      );
      expect(answers.flat()).toEqual(['a']);
      const winner = ['x', 'y', 'z'][answers.findIndex((written) => written.length > 0)];
      expect(await store.load(writer.sessionId)).toMatchObject({ step: { calls: [{ state: { result: winner } }] } });
    });

    it('leaves alone what is planned, unknown, or not final', async () => {
      const writer = await withCalls({ at: 'planned' }, 'a');
      expect(await writer.settle([settled('a'), settled('nobody')])).toEqual([]);
      expect(await writer.settle([{ callId: 'a', state: sent(1) }])).toEqual([]);
      const inFlight = await withCalls(sent(1), 'a');
      expect(await inFlight.settle([{ callId: 'a', state: { at: 'sent', attempt: 2, epoch: 1 } }])).toEqual([]);
      expect(await opened().store.load(writer.sessionId)).toEqual(writer.model);
      expect(await opened().store.load(inFlight.sessionId)).toEqual(inFlight.model);
    });

    it('is refused under another run, or an epoch that is not the current one', async () => {
      const writer = await withCalls(sent(1), 'a');
      const { store } = opened();
      for (const claim of [
        { runId: 'other', epoch: 1 },
        { runId: writer.runId, epoch: 0 },
        { runId: writer.runId, epoch: 2 },
      ]) {
        expect(await store.settleCalls(writer.sessionId, claim, [settled('a')])).toEqual([]);
      }
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });

    it('leaves calls that an earlier owner sent to the commits of the new one', async () => {
      const { store } = opened();
      const [first, next] = [await holder(store), await holder(store)];
      const writer = await new SessionWriter(store).start({ claim: { holderId: first } });
      await writer.write(replyParts(writer.runId, 1, [callRecord('a', sent(1))]));
      await store.closeHolder(first);
      const { sessionId, runtime, runId } = writer;
      expect(await store.claim(sessionId, { holderId: next, runtime, token: newId('claim') })).toMatchObject({
        claimed: true,
      });
      expect(await store.settleCalls(sessionId, { runId, epoch: 2 }, [settled('a')])).toEqual([]);
    });

    it('races a takeover: the one who takes over sees the results that were written, and no others come', async () => {
      const { store } = opened();
      for (let round = 0; round < 10; round += 1) {
        const [first, next] = [await holder(store), await holder(store)];
        const writer = await new SessionWriter(store).start({ claim: { holderId: first } });
        await writer.write(replyParts(writer.runId, 1, [callRecord('a', sent(1))]));
        await store.closeHolder(first);
        const { sessionId, runtime } = writer;
        const settling = () => store.settleCalls(sessionId, writer.claim, [settled('a')]);
        const early = round % 2 === 0 && settling();
        const taking = store.claim(sessionId, { holderId: next, runtime, token: newId('claim') });
        const [written, taken] = await Promise.all([early || settling(), taking]);
        const at = written.length > 0 ? 'settled' : 'sent';
        expect(taken).toMatchObject({ claimed: true, session: { step: { calls: [{ state: { at } }] } } });
        expect(await store.load(sessionId)).toEqual(taken.claimed && taken.session);
      }
    });

    it('is refused for whoever was taken over, and after the run ended', async () => {
      const { store } = opened();
      const taken = await withCalls(sent(1), 'a');
      const old = taken.claim;
      await taken.start();
      expect(await taken.settle([settled('a')], old)).toEqual([]);
      const over = await withCalls(sent(1), 'a');
      await over.write(endParts());
      expect(await over.settle([settled('a')])).toEqual([]);
      expect(await store.load(over.sessionId)).toEqual(over.model);
    });

    it('is folded by the commit that closes the step, and too late afterwards', async () => {
      const writer = await withCalls(sent(1), 'a', 'b');
      await writer.settle([settled('a')]);
      await writer.write(closeParts(writer.runId, 1, ['a', 'b']));
      expect(await writer.settle([settled('b')])).toEqual([]);
      const loaded = await opened().store.load(writer.sessionId);
      expect(loaded).toEqual(writer.model);
      expect(loaded?.step).toBeNull();
    });

    it('of a session that does not exist answers nothing', async () => {
      const claim = { runId: 'run', epoch: 1 };
      expect(await opened().store.settleCalls('no-such-session', claim, [settled('a')])).toEqual([]);
      expect(await opened().store.claimCalls('no-such-session', claim, ['a'])).toEqual([]);
    });
  });

  describe('claimCalls', () => {
    it('moves planned calls to sent, as their first attempt, and moves no version', async () => {
      const writer = await withCalls({ at: 'planned' }, 'a', 'b');
      expect(await writer.dispatch(['a', 'nobody'])).toEqual(['a']);
      const loaded = await opened().store.load(writer.sessionId);
      expect(loaded).toEqual(writer.model);
      expect(loaded).toMatchObject({
        version: 2,
        step: {
          calls: [
            { attempts: 1, state: sent(1) },
            { attempts: 0, state: { at: 'planned' } },
          ],
        },
      });
    });

    it('moves a call once, however many ask at once', async () => {
      const writer = await withCalls({ at: 'planned' }, 'a', 'b');
      const { store } = opened();
      const asked = Array.from({ length: 5 }, () => store.claimCalls(writer.sessionId, writer.claim, ['a', 'b']));
      expect((await Promise.all(asked)).flat().toSorted()).toEqual(['a', 'b']);
    });

    it('lets the claimed calls settle', async () => {
      const writer = await withCalls({ at: 'planned' }, 'a');
      await writer.dispatch(['a']);
      expect(await writer.settle([settled('a')])).toEqual(['a']);
      expect(await opened().store.load(writer.sessionId)).toEqual(writer.model);
    });

    it('is refused under an old epoch or another run, and after the run ended', async () => {
      const writer = await withCalls({ at: 'planned' }, 'a');
      expect(await writer.dispatch(['a'], { ...writer.claim, epoch: 0 })).toEqual([]);
      expect(await writer.dispatch(['a'], { ...writer.claim, runId: 'other' })).toEqual([]);
      await writer.write(endParts());
      expect(await writer.dispatch(['a'])).toEqual([]);
      expect(await opened().store.load(writer.sessionId)).toEqual(writer.model);
    });
  });
}
