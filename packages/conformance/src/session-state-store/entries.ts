import { describe, expect, it } from 'vitest';
import { replyParts } from '../records/commit-parts.ts';
import { messageItem } from '../records/inbox-items.ts';
import { newId } from '../records/new-id.ts';
import { SessionWriter } from '../records/session-writer.ts';
import type { Opened } from './backend.ts';

/** Entries make sessions and runs (S8). */
export function entries(opened: Opened): void {
  describe('entries', () => {
    it('make session, run and message in one commit, and raise version and epoch', async () => {
      const { store } = opened();
      const writer = new SessionWriter(store);
      const outcome = await writer.send(writer.entry());
      expect(outcome).toEqual({ landed: true, version: 1, epoch: 1, inbox: 0 });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
      expect(await store.head(writer.sessionId)).toEqual({
        version: 1,
        epoch: 1,
        inbox: 0,
        runId: writer.runId,
        phase: 'queued',
      });
      expect(await store.messagesAfter(writer.sessionId, 0)).toEqual(writer.messages);
    });

    it('of a second run raise the epoch, so that the owner before is fenced', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      const late = writer.owner(replyParts(writer.runId, 1));
      const end = { op: 'end', outcome: 'interrupted', reason: 'superseded', endedAt: 9 } as const;
      const outcome = await writer.send(writer.entry({ supersedes: end }));
      expect(outcome).toMatchObject({ landed: true, version: 2, epoch: 2 });
      const refused = await store.commit(writer.sessionId, late);
      expect(refused).toMatchObject({ landed: false, reason: 'fenced', head: { epoch: 2, runId: writer.runId } });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });

    it('for a session that exists are refused where they expect none, and leave no trace', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      const other = new SessionWriter(store, writer);
      const head = await store.head(writer.sessionId);
      expect(await other.send(other.entry())).toEqual({ landed: false, reason: 'stale', head });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
      expect(await store.messagesAfter(writer.sessionId, 0)).toEqual(writer.messages);
      expect(await store.listRuns(writer.sessionId)).toHaveLength(1);
    });

    it('for a session that does not exist are refused where they expect one', async () => {
      const { store } = opened();
      const writer = new SessionWriter(store);
      const fence = { as: 'entry', expectRunId: 'run', version: 3, inbox: 0 } as const;
      const outcome = await store.commit(writer.sessionId, { ...writer.entry(), fence });
      expect(outcome).toEqual({ landed: false, reason: 'stale', head: null });
      expect(await store.load(writer.sessionId)).toBeNull();
    });

    it('are refused where another run is the current one', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      const fence = { as: 'entry', expectRunId: 'other', version: 1, inbox: 0 } as const;
      const outcome = await store.commit(writer.sessionId, { ...writer.entry(), fence });
      expect(outcome).toMatchObject({ landed: false, reason: 'stale', head: { runId: writer.runId } });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });

    it('are refused where the owner wrote since they read the session, although its run is the same', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      const entry = writer.entry();
      await writer.write(replyParts(writer.runId, 1));
      expect(await store.commit(writer.sessionId, entry)).toMatchObject({ reason: 'stale', head: { version: 2 } });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });

    it('are refused where something was delivered since they read the inbox', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      const entry = writer.entry();
      await writer.deliver(messageItem());
      const outcome = await store.commit(writer.sessionId, entry);
      expect(outcome).toMatchObject({ landed: false, reason: 'inbox-moved', head: { inbox: 1, version: 1 } });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });

    it('under a name that is no id, or that start the run of another session, are refused, and leave no trace', async () => {
      const { store } = opened();
      const writer = new SessionWriter(store);
      const other = newId('session');
      for (const sessionId of ['', 'a b', 'a.b', other])
        await expect(store.commit(sessionId, writer.entry())).rejects.toMatchObject({ code: 'input_invalid' });
      expect(await store.load(other)).toBeNull();
    });

    it('that race to make a session: one lands, the others learn where it stands', async () => {
      const { store } = opened();
      const sessionId = newId('session');
      const racers = Array.from({ length: 6 }, () => new SessionWriter(store, { sessionId }));
      const outcomes = await Promise.all(racers.map((racer) => racer.send(racer.entry())));
      const winner = racers.find((racer) => racer.model !== null);
      expect(outcomes.filter(({ landed }) => landed === true)).toHaveLength(1);
      for (const outcome of outcomes.filter(({ landed }) => landed !== true)) {
        expect(outcome).toMatchObject({ landed: false, reason: 'stale', head: { version: 1, runId: winner?.runId } });
      }
      expect(await store.load(sessionId)).toEqual(winner?.model);
      expect(await store.messagesAfter(sessionId, 0)).toEqual(winner?.messages);
    });

    it('that race for the next run: one lands', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      const commits = Array.from({ length: 6 }, () => writer.entry());
      const outcomes = await Promise.all(commits.map((commit) => store.commit(writer.sessionId, commit)));
      expect(outcomes.filter(({ landed }) => landed === true)).toHaveLength(1);
      commits.forEach((commit, index) => writer.landed(commit, outcomes[index]!));
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
      expect(await store.listRuns(writer.sessionId)).toHaveLength(2);
    });
  });
}
