import { describe, expect, it } from 'vitest';
import { charactersOf, type MessageRecord, type RunQuery, type SessionPageRequest } from '@helix-agents/core';
import { endParts, replyParts } from '../records/commit-parts.ts';
import { newId } from '../records/new-id.ts';
import { SessionWriter } from '../records/session-writer.ts';
import type { Opened } from './backend.ts';

/** Pages, and runs of before. */
export function lists(opened: Opened): void {
  describe('messagesAfter', () => {
    it('pages through the transcript in order', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      for (let step = 1; step <= 9; step += 1) await writer.write(replyParts(writer.runId, step));
      const { sessionId, messages } = writer;
      expect(await store.messagesAfter(sessionId, 0)).toEqual(messages);
      expect(await store.messagesAfter(sessionId, 0, 4)).toEqual(messages.slice(0, 4));
      expect(await store.messagesAfter(sessionId, 4, 4)).toEqual(messages.slice(4, 8));
      expect(await store.messagesAfter(sessionId, 8, 4)).toEqual(messages.slice(8));
      expect(await store.messagesAfter(sessionId, 10)).toEqual([]);
      expect(await store.messagesAfter(sessionId, 999)).toEqual([]);
      expect(messages.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    });

    it('keeps the order of messages of one commit', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      const one = replyParts(writer.runId, 1).messages ?? [];
      const two = replyParts(writer.runId, 2).messages ?? [];
      await writer.write({ messages: [...one, ...two] });
      expect(await store.messagesAfter(writer.sessionId, 1, 1)).toEqual(writer.messages.slice(1, 2));
      expect(await store.messagesAfter(writer.sessionId, 2)).toEqual(writer.messages.slice(2));
    });

    it('ends a page with the commit by which it is large, however few its messages are', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      const large = (step: number) => replyParts(writer.runId, step, [], 'x'.repeat(10_000)).messages ?? [];
      for (let step = 1; step <= 9; step += 3)
        await writer.write({ messages: [...large(step), ...large(step + 1), ...large(step + 2)] });
      const seen: MessageRecord[] = [];
      const pageAfter = (after: number) => store.messagesAfter(writer.sessionId, after, 100, 15_000);
      for (let page = await pageAfter(0); page.length > 0; page = await pageAfter(seen.length)) {
        expect(charactersOf(page)).toBeLessThan(15_000 + 3 * 11_000);
        seen.push(...page);
      }
      expect(seen).toEqual(writer.messages);
      expect(await store.messagesAfter(writer.sessionId, 1, 2, 15_000)).toEqual(writer.messages.slice(1, 3));
    });
  });

  describe('listRuns', () => {
    it('tells all runs, oldest first, each as it stands', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      await writer.write(replyParts(writer.runId, 1));
      await writer.write(endParts(77), 0);
      const first = writer.model!.run!;
      await writer.start();
      const second = writer.model!.run!;
      const supersedes = { op: 'end', outcome: 'interrupted', reason: 'superseded', endedAt: 88 } as const;
      await writer.start({ supersedes });
      const { op: _, ...end } = supersedes;
      expect(await store.listRuns(writer.sessionId)).toEqual([
        first,
        { ...second, phase: { at: 'ended', ...end } },
        writer.model!.run,
      ]);
      expect(first).toMatchObject({ stepCount: 1, phase: { at: 'ended', outcome: 'completed', endedAt: 77 } });
    });
  });

  describe('findEndedRun', () => {
    it('finds a run by its key or id, with the one that ended next, once it is over', async () => {
      const { store } = opened();
      const writer = new SessionWriter(store);
      const find = (query: RunQuery) => store.findEndedRun(writer.sessionId, query);
      await writer.start({ key: 'message-1' });
      const one = writer.model!.run!.runId;
      expect(await find({ key: 'message-1' })).toBeNull();
      expect(await find({ runId: one })).toBeNull();
      await writer.write(endParts(77), 0);
      const first = writer.model!.run!;
      expect(await find({ key: 'message-1' })).toEqual({ run: first, next: null });
      await writer.start({ key: 'message-2' });
      expect(await find({ runId: one })).toEqual({ run: first, next: null });
      await writer.write(endParts(88), 0);
      const second = writer.model!.run!;
      await writer.start({ key: null });
      await writer.write(endParts(99), 0);
      expect(await find({ runId: one })).toEqual({ run: first, next: second });
      expect(await find({ key: 'message-1' })).toEqual({ run: first, next: second });
      expect(await find({ key: 'message-2' })).toEqual({ run: second, next: writer.model!.run! });
      expect(await find({ runId: writer.model!.run!.runId })).toEqual({ run: writer.model!.run!, next: null });
      expect(await find({ key: 'message-3' })).toBeNull();
      expect(await store.findEndedRun('nowhere', { key: 'message-1' })).toBeNull();
    });

    it('finds the run that an entry superseded', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start({ key: 'message-1' });
      const { runId } = writer.model!.run!;
      await writer.start({ supersedes: { op: 'end', outcome: 'interrupted', reason: 'superseded', endedAt: 88 } });
      const found = await store.findEndedRun(writer.sessionId, { key: 'message-1' });
      expect(found).toMatchObject({ run: { runId, phase: { at: 'ended', outcome: 'interrupted' } }, next: null });
    });
  });

  describe('listSessions', () => {
    const pages = async (request: SessionPageRequest) => {
      const found: string[][] = [];
      let cursor: string | undefined;
      do {
        const page = await opened().store.listSessions({ ...request, ...(cursor !== undefined && { cursor }) });
        found.push(page.sessions.map(({ sessionId }) => sessionId));
        cursor = page.cursor;
      } while (cursor !== undefined && found.length < 20);
      return found;
    };

    it('pages by last change, newest first, none twice and none missed', async () => {
      const { store } = opened();
      const agentType = newId('agent');
      const writers: SessionWriter[] = [];
      for (let made = 0; made < 7; made += 1) writers.push(await new SessionWriter(store, { agentType }).start());
      for (let round = 0; round < 5; round += 1) await writers[2]!.write(replyParts(writers[2]!.runId, round + 1));
      const found = await pages({ agentType, limit: 3 });
      expect(found.map(({ length }) => length)).toEqual([3, 3, 1]);
      expect(found.flat().toSorted()).toEqual(writers.map(({ sessionId }) => sessionId).toSorted());
      expect(found[0]?.[0]).toBe(writers[2]?.sessionId);
    });

    it('ends where a page is exactly full', async () => {
      const { store } = opened();
      const agentType = newId('agent');
      for (let made = 0; made < 4; made += 1) await new SessionWriter(store, { agentType }).start();
      expect((await pages({ agentType, limit: 2 })).map(({ length }) => length)).toEqual([2, 2]);
    });

    it('tells of each session what it is', async () => {
      const { store } = opened();
      const agentType = newId('agent');
      const writer = await new SessionWriter(store, { agentType }).start();
      const summary = { sessionId: writer.sessionId, agentType, userId: 'somebody', live: true };
      expect((await store.listSessions({ agentType })).sessions).toMatchObject([summary]);
      await writer.park();
      expect((await store.listSessions({ agentType })).sessions).toMatchObject([summary]);
      await writer.write(endParts(), 0);
      expect((await store.listSessions({ agentType })).sessions).toMatchObject([{ ...summary, live: false }]);
    });

    it('tells null for the user of a session that belongs to nobody', async () => {
      const { store } = opened();
      const writer = new SessionWriter(store, { agentType: newId('agent') });
      const { agentType, runtime } = writer;
      const create = { agentType, runtime, state: {}, identity: {}, systemPrompt: null };
      await writer.start({}, { head: { create } });
      expect((await store.listSessions({ agentType })).sessions[0]).toMatchObject({ userId: null });
    });

    it('can be narrowed to a user', async () => {
      const { store } = opened();
      const agentType = newId('agent');
      const { sessionId } = await new SessionWriter(store, { agentType }).start();
      expect((await store.listSessions({ agentType, userId: 'nobody' })).sessions).toEqual([]);
      // Of a user who came to nothing, these would be the sessions of everybody.
      for (const wrong of [{ userId: undefined }, { userId: null }, { user: 'somebody' }, { agentType: undefined }]) {
        const page = store.listSessions(wrong as object);
        await expect(page).rejects.toMatchObject({ code: 'input_invalid' });
      }
      expect((await store.listSessions({ agentType, userId: 'somebody' })).sessions).toMatchObject([{ sessionId }]);
    });
  });

  describe('a session that does not exist', () => {
    it('is null, empty and nothing', async () => {
      const { store } = opened();
      const sessionId = newId('session');
      expect(await store.load(sessionId)).toBeNull();
      expect(await store.head(sessionId)).toBeNull();
      expect(await store.messagesAfter(sessionId, 0)).toEqual([]);
      expect(await store.listRuns(sessionId)).toEqual([]);
    });
  });
}
