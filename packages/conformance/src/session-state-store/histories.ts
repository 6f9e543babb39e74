import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLive } from '@helix-agents/core';
import { callRecord, closeParts, replyParts } from '../records/commit-parts.ts';
import { play, randomHistory } from '../records/random-history.ts';
import { messageItem } from '../records/inbox-items.ts';
import { SessionWriter } from '../records/session-writer.ts';
import type { Opened } from './backend.ts';

/** Where stores that fold ahead keep checkpoints, a record is easily lost or folded twice. */
const boundaries = new Set([1, 2, 63, 64, 65, 66, 127, 128, 129, 199, 200, 201]);

/** `load` is the fold of what landed, after any history of any length. */
export function histories(opened: Opened, runs: number): void {
  describe('load', () => {
    it('is the pure fold of every valid history', { timeout: 60_000 }, async () => {
      const { store } = opened();
      const property = fc.asyncProperty(randomHistory(40), async (tries) => {
        const writer = await new SessionWriter(store).start();
        for (const each of tries) await play(each, writer);
        const { sessionId, model, messages } = writer;
        expect(await store.load(sessionId)).toEqual(model);
        expect(await store.messagesAfter(sessionId, 0)).toEqual(messages);
        const { version, epoch, inbox, run } = model!;
        const head = { version, epoch, inbox, runId: run!.runId, phase: run!.phase.at };
        expect(await store.head(sessionId)).toEqual(head);
        expect((await store.listRuns(sessionId)).at(-1)).toEqual(run);
        await store.deleteSession(sessionId);
      });
      await fc.assert(property, { numRuns: runs });
    });

    const expectFolded = async ({ model, sessionId }: SessionWriter) => {
      if (boundaries.has(model!.version)) expect(await opened().store.load(sessionId)).toEqual(model);
    };

    it('is the same fold at every length, across the places where a store may fold ahead', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      for (let step = 1; writer.model!.version < 201; step += 1) {
        const callId = `call-${step}`;
        const reply = replyParts(writer.runId, step, [callRecord(callId, { at: 'sent', attempt: 1, epoch: 1 })]);
        await writer.write({
          ...reply,
          head: { ...reply.head, state: [{ op: 'replace', path: '/count', value: step }] },
        });
        await expectFolded(writer);
        if (step % 3 === 0) await writer.deliver(messageItem(`m-${step}`));
        if (step % 2 === 0) await writer.settle([{ callId, state: { at: 'settled', result: step } }]);
        const unread = writer.model!.unread.map(({ seq }) => seq);
        const close = closeParts(writer.runId, step, [callId]);
        const consumes = step % 5 === 0 ? { consumes: unread } : {};
        await writer.write({ ...close, head: { ...close.head, ...consumes } }, writer.model!.inbox);
        await expectFolded(writer);
      }
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
      expect(await store.messagesAfter(writer.sessionId, 0)).toEqual(writer.messages);
    });

    it('survives many runs in one session', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      for (let turn = 2; turn <= 20; turn += 1) {
        const end = { op: 'end', outcome: 'interrupted', reason: 'superseded', endedAt: turn } as const;
        await writer.start(isLive(writer.model!.run) ? { supersedes: end } : {});
        await writer.write(replyParts(writer.runId, 1));
      }
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
      expect(await store.listRuns(writer.sessionId)).toHaveLength(20);
    });
  });
}
