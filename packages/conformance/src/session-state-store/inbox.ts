import { describe, expect, it } from 'vitest';
import type { InboxItem } from '@helix-agents/core';
import { endParts, replyParts } from '../records/commit-parts.ts';
import { answerItem, inputAnswer, messageItem } from '../records/inbox-items.ts';
import { newId } from '../records/new-id.ts';
import { SessionWriter } from '../records/session-writer.ts';
import type { Opened } from './backend.ts';

/** Outsiders raise the inbox and nothing else (S2); what repeats adds nothing (S8). */
export function inbox(opened: Opened): void {
  describe('deliver', () => {
    it('raises the inbox and not the version, and tells where the session stands', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      const { runId } = writer;
      const head = { version: 1, epoch: 1, inbox: 1, runId, phase: 'queued' };
      expect(await writer.deliver(messageItem())).toEqual({ delivered: true, inbox: 1, head });
      expect(await store.head(writer.sessionId)).toEqual(head);
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });

    it('of what no JSON can hold is refused, and changes nothing', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      // What a caller without types may hand in.
      const big = { ...messageItem('m'), parts: [{ type: 'text', text: 1n }] } as unknown as InboxItem;
      await expect(store.deliver(writer.sessionId, big)).rejects.toMatchObject({ code: 'input_invalid' });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });

    it('to a session that does not exist adds nothing', async () => {
      const { store } = opened();
      const sessionId = newId('session');
      const outcome = await store.deliver(sessionId, messageItem('m'));
      expect(outcome).toEqual({ delivered: false, reason: 'no-session', head: null });
      await new SessionWriter(store, { sessionId }).start();
      expect(await store.load(sessionId)).toMatchObject({ inbox: 0, unread: [] });
    });

    it('numbers items without a gap, however many come at once', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      const outcomes = await Promise.all(
        Array.from({ length: 12 }, () => store.deliver(writer.sessionId, messageItem())),
      );
      const numbers = outcomes.map((outcome) => (outcome.delivered ? outcome.inbox : 0));
      expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
      const unread = (await store.load(writer.sessionId))?.unread.map(({ seq }) => seq);
      expect(unread).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    });

    it('of the same message id adds nothing, also with other text, and also after it was consumed', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      await writer.deliver(messageItem('m'));
      const other = { ...messageItem('m'), parts: [{ type: 'text', text: 'other' }] } as InboxItem;
      expect(await writer.deliver(other)).toMatchObject({ delivered: false, reason: 'duplicate', head: { inbox: 1 } });
      await writer.write({ head: { consumes: [1] } }, 1);
      expect(await writer.deliver(messageItem('m'))).toMatchObject({ delivered: false, reason: 'duplicate' });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });

    it('of one message many times at once adds it once', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      const outcomes = await Promise.all(Array.from({ length: 6 }, () => writer.deliver(messageItem('m'))));
      expect(outcomes.filter(({ delivered }) => delivered)).toHaveLength(1);
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });

    it('of the same answer to the same wait adds nothing; another answer, wait or generation is news', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      await writer.park();
      const first = answerItem('w', inputAnswer('yes'));
      expect(await writer.deliver(first)).toMatchObject({ delivered: true, inbox: 1 });
      expect(await writer.deliver({ ...first, at: 77 })).toMatchObject({ delivered: false, reason: 'duplicate' });
      expect(await writer.deliver(answerItem('w', inputAnswer('no')))).toMatchObject({ delivered: true, inbox: 2 });
      expect(await writer.deliver(answerItem('v', inputAnswer('yes')))).toMatchObject({ delivered: true, inbox: 3 });
      expect(await writer.deliver(answerItem('w', inputAnswer('yes'), 1))).toMatchObject({ delivered: true, inbox: 4 });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });

    it('knows an answer again however its members are ordered', async () => {
      const writer = await new SessionWriter(opened().store).start();
      const answer = (value: Record<string, number>) => answerItem('w', { kind: 'client-tool-result', result: value });
      await writer.deliver(answer({ one: 1, two: 2 }));
      expect(await writer.deliver(answer({ two: 2, one: 1 }))).toMatchObject({ reason: 'duplicate' });
    });

    it('of the same stop adds nothing; an abort after an interrupt does', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      const stop = (kind: 'interrupt' | 'abort'): InboxItem => {
        return { kind: 'stop', runId: writer.runId, stop: kind, at: 5 };
      };
      expect(await writer.deliver(stop('interrupt'))).toMatchObject({ delivered: true, inbox: 1 });
      expect(await writer.deliver(stop('interrupt'))).toMatchObject({ delivered: false, reason: 'duplicate' });
      expect(await writer.deliver(stop('abort'))).toMatchObject({ delivered: true, inbox: 2 });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });

    it('of a stop for a run that is over, or is not the current one, adds nothing', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      const first = writer.runId;
      const stop = (runId: string): InboxItem => ({ kind: 'stop', runId, stop: 'abort', at: 5 });
      expect(await writer.deliver(stop('another-run'))).toMatchObject({ delivered: false, reason: 'run-over' });
      await writer.write(endParts(), 0);
      expect(await writer.deliver(stop(first))).toMatchObject({ reason: 'run-over', head: { phase: 'ended' } });
      await writer.start();
      expect(await writer.deliver(stop(first))).toMatchObject({ reason: 'run-over' });
      expect(await writer.deliver(stop(writer.runId))).toMatchObject({ delivered: true, inbox: 1 });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });

    it('races the end of a run: either the stop is in the inbox, or it is told that the run is over', async () => {
      const { store } = opened();
      for (let round = 0; round < 10; round += 1) {
        const writer = await new SessionWriter(store).start();
        const stop: InboxItem = { kind: 'stop', runId: writer.runId, stop: 'abort', at: 5 };
        const [ended, stopped] = await Promise.all([
          store.commit(writer.sessionId, writer.owner(endParts(), 0)),
          store.deliver(writer.sessionId, stop),
        ]);
        expect(stopped).toMatchObject(ended.landed === true ? { reason: 'run-over' } : { delivered: true });
        expect(ended).toMatchObject(ended.landed === true ? { version: 2 } : { reason: 'inbox-moved' });
      }
    });

    it('to a session whose run ended keeps a message for the next run', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      await writer.write(endParts(), 0);
      expect(await writer.deliver(messageItem('m'))).toMatchObject({ delivered: true, inbox: 1 });
      await writer.start();
      await writer.write({ ...replyParts(writer.runId, 1), head: { consumes: [1] } }, 1);
      expect(writer.model?.unread).toEqual([]);
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });
  });
}
