import { describe, expect, it } from 'vitest';
import { endParts, replyParts } from '../records/commit-parts.ts';
import { expectEventually } from '../records/expect-eventually.ts';
import { messageItem } from '../records/inbox-items.ts';
import { newId } from '../records/new-id.ts';
import { SessionWriter } from '../records/session-writer.ts';
import type { Opened } from './backend.ts';

/** What is left after a deletion, and who may write no more. */
export function deletions(opened: Opened): void {
  describe('deleteSession', () => {
    it('removes everything, and only of that session', async () => {
      const { store } = opened();
      const kept = await new SessionWriter(store).start();
      const agentType = newId('agent');
      const writer = await new SessionWriter(store, { agentType }).start();
      await writer.deliver(messageItem('m'));
      const { sessionId } = writer;
      await store.deleteSession(sessionId);
      expect(await store.load(sessionId)).toBeNull();
      expect(await store.head(sessionId)).toBeNull();
      expect(await store.messagesAfter(sessionId, 0)).toEqual([]);
      expect(await store.listRuns(sessionId)).toEqual([]);
      expect((await store.listSessions({ agentType })).sessions).toEqual([]);
      const due = { holderId: newId('holder'), runtime: writer.runtime, agentTypes: [agentType], limit: 1 };
      expect(await store.claimDue(due)).toEqual([]);
      expect(await store.load(kept.sessionId)).toEqual(kept.model);
    });

    it('tells who watches the session', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      let told = 0;
      const stop = store.signals.watch(writer.sessionId, () => (told += 1));
      await store.deleteSession(writer.sessionId);
      await expectEventually('the watcher heard of the deletion', () => told > 0);
      stop();
    });

    it('shuts out the owner, and is success where there is nothing', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      await store.deleteSession(writer.sessionId);
      await store.deleteSession(writer.sessionId);
      const outcome = await store.commit(writer.sessionId, writer.owner(replyParts(writer.runId, 1)));
      expect(outcome).toMatchObject({ landed: false, head: null });
    });

    it('shuts out the owner also of a session that was made anew under the id and stands at the same place', async () => {
      const { store } = opened();
      const old = await (await new SessionWriter(store).start()).write(replyParts('run', 1));
      await store.deleteSession(old.sessionId);
      const { sessionId } = old;
      const writer = await (await new SessionWriter(store, { sessionId }).start()).write(replyParts('run', 1));
      const others = await Promise.all(Array.from({ length: 6 }, () => new SessionWriter(store).start()));
      const late = [old.owner(replyParts('run', 2)), old.owner(endParts()), old.owner({}, 0)];
      const refused = { landed: false, reason: 'stale', head: { version: 2, epoch: 1 } };
      for (const commit of late) {
        expect(await store.commit(sessionId, commit)).toMatchObject(refused);
        const sent = others.map(async (other) => {
          for (let step = 1; step <= 5; step += 1) await other.write(replyParts('run', step));
        });
        expect(await store.commit(sessionId, commit)).toMatchObject(refused);
        await Promise.all(sent);
      }
      expect(await store.load(sessionId)).toEqual(writer.model);
      expect(await store.messagesAfter(sessionId, 0)).toEqual(writer.messages);
    });

    it('shuts out who claimed the session unasked, and by then has the one that was made anew under the id', async () => {
      const { store } = opened();
      const about = { sessionId: newId('session'), runtime: newId('runtime'), agentType: newId('agent') };
      const holderId = newId('holder');
      await store.openHolder({ holderId, leaseMs: 30_000 });
      const claimAnew = async () => {
        await store.deleteSession(about.sessionId);
        const writer = await new SessionWriter(store, about).start();
        const { runtime, agentType } = writer;
        const [claimed] = await store.claimDue({ holderId, runtime, agentTypes: [agentType], limit: 1 });
        writer.model = claimed!;
        return writer;
      };
      const [old, now] = [await claimAnew(), await claimAnew()];
      expect(old.model).toMatchObject({ version: 2, epoch: now.model!.epoch });
      const late = old.owner(replyParts('run', 1));
      expect(await store.commit(about.sessionId, late)).toMatchObject({ landed: false, reason: 'stale' });
      expect(await store.load(about.sessionId)).toEqual(now.model);
    });

    it('answers which stream the session had, also after many commits, and null where there is nothing', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      for (let step = 1; step <= 130; step += 1) await writer.write(replyParts(writer.runId, step));
      const { sessionId, model } = writer;
      expect(model?.streamId).toMatch(new RegExp(`^${sessionId}\\.`));
      expect((await store.load(sessionId))?.streamId).toBe(model?.streamId);
      expect(await store.deleteSession(sessionId)).toBe(model?.streamId);
      expect(await store.deleteSession(sessionId)).toBeNull();
    });

    it('answers with the id of a session that a former release made, which named no stream', async () => {
      const { store } = opened();
      const about = { agentType: 'tester', runtime: newId('runtime'), identity: {}, systemPrompt: null };
      const writer = await new SessionWriter(store).start(
        {},
        { head: { create: { ...about, state: { text: '\u0000' } } } },
      );
      expect(writer.model).not.toHaveProperty('streamId');
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
      expect(await store.deleteSession(writer.sessionId)).toBe(writer.sessionId);
    });

    it('frees the id for a new session with a stream of its own, whoever of its owners reads which', async () => {
      const { store } = opened();
      const old = await new SessionWriter(store).start();
      const deleted = await store.deleteSession(old.sessionId);
      const writer = await new SessionWriter(store, old).start();
      const { streamId } = writer.model!;
      expect(streamId).not.toBe(deleted);
      const { runtime } = writer;
      const claim = await store.claim(writer.sessionId, { holderId: newId('holder'), runtime, token: newId('token') });
      expect(claim).toMatchObject({ claimed: true, session: { streamId } });
      expect(await store.load(writer.sessionId)).toMatchObject({ epoch: 2, streamId });
    });

    it('frees the id before it has resolved: what was under way is no part of a session that is made anew meanwhile', async () => {
      const { store } = opened();
      for (let round = 0; round < 20; round += 1) {
        const old = await new SessionWriter(store).start();
        const { sessionId } = old;
        const late = store.commit(sessionId, old.owner(replyParts('run', 1)));
        const removed = store.deleteSession(sessionId);
        const writer = new SessionWriter(store, { sessionId });
        while (writer.model === null) await writer.send(writer.entry());
        await writer.write(replyParts('run', 1));
        await Promise.all([late, removed]);
        expect(await store.load(sessionId)).toEqual(writer.model);
        expect(await store.messagesAfter(sessionId, 0)).toEqual(writer.messages);
      }
    });

    it('frees the id for a new session that knows nothing of the old one', async () => {
      const { store } = opened();
      const old = await new SessionWriter(store).start({ key: 'message-1' });
      const { sessionId, runId } = old;
      await old.deliver(messageItem('m'));
      await old.write(endParts(), 1);
      await old.start();
      await store.deleteSession(sessionId);
      const writer = await new SessionWriter(store, { sessionId }).start();
      expect(await store.listRuns(sessionId)).toEqual([writer.model?.run]);
      for (const query of [{ key: 'message-1' }, { runId }])
        expect(await store.findEndedRun(sessionId, query)).toBeNull();
      expect(await writer.deliver(messageItem('m'))).toMatchObject({ inbox: 1 });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
      expect(await store.messagesAfter(writer.sessionId, 0)).toEqual(writer.messages);
    });
  });
}
