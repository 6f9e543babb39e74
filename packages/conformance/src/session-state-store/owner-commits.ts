import { describe, expect, it } from 'vitest';
import { callRecord, closeParts, endParts, parkParts, replyParts, waitRecord } from '../records/commit-parts.ts';
import { messageItem } from '../records/inbox-items.ts';
import { newId } from '../records/new-id.ts';
import { SessionWriter } from '../records/session-writer.ts';
import type { Opened } from './backend.ts';

/** An owner writes under its fence (S2). */
export function ownerCommits(opened: Opened): void {
  describe('commits of an owner', () => {
    it('land one after the other, each one version on, under the same epoch', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      const sent = callRecord('call-1', { at: 'sent', attempt: 1, epoch: 1 });
      expect(await writer.send(writer.owner(replyParts(writer.runId, 1, [sent])))).toMatchObject({
        version: 2,
        epoch: 1,
      });
      expect(await writer.send(writer.owner(closeParts(writer.runId, 1, ['call-1'])))).toMatchObject({ version: 3 });
      expect(await writer.send(writer.owner(endParts()))).toMatchObject({ landed: true, version: 4, epoch: 1 });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
      expect(await store.messagesAfter(writer.sessionId, 0)).toEqual(writer.messages);
      expect(await store.head(writer.sessionId)).toMatchObject({ version: 4, phase: 'ended' });
    });

    it('with the same version: exactly one of many lands, the others are stale', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      const commits = Array.from({ length: 8 }, () => writer.owner(replyParts(writer.runId, 1, [], newId('text'))));
      const outcomes = await Promise.all(commits.map((commit) => store.commit(writer.sessionId, commit)));
      expect(outcomes.filter(({ landed }) => landed === true)).toHaveLength(1);
      for (const outcome of outcomes.filter(({ landed }) => landed !== true)) {
        expect(outcome).toMatchObject({ landed: false, reason: 'stale', head: { version: 2, epoch: 1 } });
      }
      commits.forEach((commit, index) => writer.landed(commit, outcomes[index]!));
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
      expect(await store.messagesAfter(writer.sessionId, 0)).toEqual(writer.messages);
    });

    it('of a session that does not exist are refused', async () => {
      const { store } = opened();
      const writer = new SessionWriter(store);
      const outcome = await store.commit(writer.sessionId, writer.owner(replyParts('run', 1)));
      expect(outcome).toEqual({ landed: false, reason: 'stale', head: null });
      expect(await store.load(writer.sessionId)).toBeNull();
    });

    it('that skip a version are refused', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      const { lastToken } = writer.model!;
      const fence = { as: 'owner', epoch: 1, version: 5, lastToken } as const;
      const outcome = await store.commit(writer.sessionId, { ...writer.owner(replyParts(writer.runId, 1)), fence });
      expect(outcome).toMatchObject({ landed: false, reason: 'stale', head: { version: 1 } });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });

    it('that park are refused once the inbox moved, and land with the inbox that is there', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      const wait = waitRecord(newId('wait'), writer.runId);
      const park = writer.owner(parkParts([wait]), 0);
      await writer.deliver(messageItem());
      const refused = await store.commit(writer.sessionId, park);
      expect(refused).toMatchObject({ landed: false, reason: 'inbox-moved', head: { version: 1, inbox: 1 } });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
      await writer.write(parkParts([wait]), 1);
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });

    it('that name no inbox land although it moved, and say so', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      await writer.deliver(messageItem());
      const outcome = await writer.send(writer.owner(replyParts(writer.runId, 1)));
      expect(outcome).toEqual({ landed: true, version: 2, epoch: 1, inbox: 1 });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });

    it('that park race an answer: either the park is refused, or the outsider learns that the session is parked', async () => {
      const { store } = opened();
      for (let round = 0; round < 10; round += 1) {
        const writer = await new SessionWriter(store).start();
        const park = writer.owner(parkParts([waitRecord('wait', writer.runId)]), 0);
        const item = messageItem();
        const [outcome, delivered] = await Promise.all([
          store.commit(writer.sessionId, park),
          store.deliver(writer.sessionId, item),
        ]);
        const phase = outcome.landed === true ? 'parked' : 'queued';
        expect(delivered).toMatchObject({ delivered: true, inbox: 1, head: { phase } });
        expect(outcome).toMatchObject(outcome.landed === true ? { version: 2 } : { reason: 'inbox-moved' });
      }
    });
  });
}
