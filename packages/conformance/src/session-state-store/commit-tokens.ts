import { describe, expect, it } from 'vitest';
import type { CommitOutcome, SessionCommit } from '@helix-agents/core';
import { endParts, replyParts } from '../records/commit-parts.ts';
import { messageItem } from '../records/inbox-items.ts';
import { SessionWriter } from '../records/session-writer.ts';
import type { Opened } from './backend.ts';

/** A writer knows what became of its commit (S7). */
export function commitTokens(opened: Opened): void {
  describe('the token of a commit', () => {
    const expectAgain = async (commit: SessionCommit, writer: SessionWriter, first: CommitOutcome) => {
      const { store } = opened();
      if (first.landed !== true) throw new Error('the first try did not land');
      const { version, epoch } = first;
      expect(await store.commit(writer.sessionId, commit)).toMatchObject({ landed: true, version, epoch });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
      expect(await store.messagesAfter(writer.sessionId, 0)).toEqual(writer.messages);
    };

    it('again is answered as landed, with its place, and adds nothing', async () => {
      const writer = new SessionWriter(opened().store);
      const entry = writer.entry();
      await expectAgain(entry, writer, await writer.send(entry));
      const reply = writer.owner(replyParts(writer.runId, 1));
      const first = await writer.send(reply);
      await expectAgain(reply, writer, first);
      await writer.write(replyParts(writer.runId, 2));
      await writer.write(endParts());
      await expectAgain(reply, writer, first);
      expect(await opened().store.listRuns(writer.sessionId)).toHaveLength(1);
    });

    it('again is answered as landed also after another owner took over', async () => {
      const writer = await new SessionWriter(opened().store).start();
      const reply = writer.owner(replyParts(writer.runId, 1));
      const first = await writer.send(reply);
      await writer.start();
      await expectAgain(reply, writer, first);
    });

    it('again tells what was delivered meanwhile', async () => {
      const writer = await new SessionWriter(opened().store).start();
      const reply = writer.owner(replyParts(writer.runId, 1));
      await writer.send(reply);
      await writer.deliver(messageItem());
      expect(await writer.send(reply)).toEqual({ landed: true, version: 2, epoch: 1, inbox: 1 });
    });

    it('of the last commit, with a fence on top of it, is answered with its place', async () => {
      const writer = await new SessionWriter(opened().store).start();
      const reply = writer.owner(replyParts(writer.runId, 1));
      const first = await writer.send(reply);
      const { fence } = writer.owner({});
      await expectAgain({ ...reply, fence }, writer, first);
    });

    it('of the last commit, with a fence on top of it, is answered so as well among commits of others', async () => {
      const { store } = opened();
      const writers = await Promise.all(Array.from({ length: 6 }, () => new SessionWriter(store).start()));
      const replies = writers.map((writer) => writer.owner(replyParts(writer.runId, 1)));
      await Promise.all(writers.map((writer, index) => writer.send(replies[index]!)));
      const onTop = writers.map((writer, index) => {
        const next = writer.owner({});
        return index < 3 ? { ...replies[index]!, fence: next.fence } : next;
      });
      const outcomes = await Promise.all(writers.map((writer, index) => writer.send(onTop[index]!)));
      expect(outcomes.map((outcome) => outcome.landed === true && outcome.version)).toEqual([2, 2, 2, 3, 3, 3]);
      for (const writer of writers) expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });

    it('sent again among commits of others is answered as landed, and the others land', async () => {
      const { store } = opened();
      const writers = await Promise.all(Array.from({ length: 6 }, () => new SessionWriter(store).start()));
      const replies = writers.map((writer) => writer.owner(replyParts(writer.runId, 1)));
      await Promise.all(writers.slice(0, 3).map((writer, index) => writer.send(replies[index]!)));
      const outcomes = await Promise.all(writers.map((writer, index) => writer.send(replies[index]!)));
      for (const outcome of outcomes) expect(outcome).toMatchObject({ landed: true, version: 2, epoch: 1 });
      for (const writer of writers) expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });

    it('sent many times at once lands once, and all are told so', async () => {
      const { store } = opened();
      const writer = new SessionWriter(store);
      const entry = writer.entry();
      const entered = await Promise.all(Array.from({ length: 5 }, () => writer.send(entry)));
      for (const outcome of entered) expect(outcome).toMatchObject({ landed: true, version: 1, epoch: 1 });
      const reply = writer.owner(replyParts(writer.runId, 1));
      const replied = await Promise.all(Array.from({ length: 5 }, () => writer.send(reply)));
      for (const outcome of replied) expect(outcome).toMatchObject({ landed: true, version: 2, epoch: 1 });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
      expect(await store.messagesAfter(writer.sessionId, 0)).toEqual(writer.messages);
    });

    it('means nothing in another session', async () => {
      const { store } = opened();
      const one = new SessionWriter(store);
      const other = new SessionWriter(store);
      const entry = one.entry();
      await one.send(entry);
      const outcome = await other.send({ ...other.entry(), token: entry.token });
      expect(outcome).toMatchObject({ landed: true, version: 1 });
      expect(await store.load(other.sessionId)).toEqual(other.model);
    });

    it('of a refused commit is not remembered as landed', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      const { lastToken } = writer.model!;
      const stale = { as: 'owner', epoch: 1, version: 7, lastToken } as const;
      const reply = writer.owner(replyParts(writer.runId, 1));
      expect(await store.commit(writer.sessionId, { ...reply, fence: stale })).toMatchObject({ landed: false });
      expect(await writer.send(reply)).toMatchObject({ landed: true, version: 2 });
    });
  });
}
