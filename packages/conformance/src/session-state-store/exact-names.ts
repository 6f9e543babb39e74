import { describe, expect, it } from 'vitest';
import { endParts } from '../records/commit-parts.ts';
import { messageItem } from '../records/inbox-items.ts';
import { newId } from '../records/new-id.ts';
import { SessionWriter } from '../records/session-writer.ts';
import type { Opened } from './backend.ts';

/** What a database may take for the same text: by case, by spaces, by accents, by a pattern. */
const alike = ['anna', 'Anna', 'anna ', ' anna', 'änna', 'a\u0308nna', 'ann_', 'ann%', 'ann', 'anna1'];

/** Names are the same only where every character is: else one is served what belongs to another. */
export function exactNames(opened: Opened): void {
  describe('names', () => {
    it('of users that look alike are those of different users', async () => {
      const { store } = opened();
      const agentType = newId('agent');
      const sessions = new Map<string, string>();
      for (const userId of alike) {
        const writer = new SessionWriter(store, { agentType });
        const { runtime, sessionId } = writer;
        const create = { agentType, runtime, state: {}, identity: { userId }, systemPrompt: null };
        await writer.start({}, { head: { create } });
        sessions.set(userId, sessionId);
      }
      for (const [userId, sessionId] of sessions) {
        const { sessions: found } = await store.listSessions({ agentType, userId });
        expect(found).toMatchObject([{ sessionId, userId }]);
      }
    });

    it('of sessions and agents that differ only in case are those of different ones', async () => {
      const { store } = opened();
      const [sessionId, agentType] = [newId('session-a'), newId('agent-a')];
      const lower = await new SessionWriter(store, { sessionId, agentType }).start();
      const other = { sessionId: sessionId.toUpperCase(), agentType: agentType.toUpperCase() };
      const upper = await new SessionWriter(store, other).start();
      for (const writer of [lower, upper]) {
        expect(await store.load(writer.sessionId)).toEqual(writer.model);
        const { sessions } = await store.listSessions({ agentType: writer.agentType });
        expect(sessions).toMatchObject([{ sessionId: writer.sessionId }]);
      }
      await store.deleteSession(upper.sessionId);
      expect(await store.load(sessionId)).toEqual(lower.model);
      expect(await store.messagesAfter(sessionId, 0)).toEqual(lower.messages);
    });

    it('of messages that differ only in case are those of different ones', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start({ key: 'message-a' });
      expect(await writer.deliver(messageItem('m'))).toMatchObject({ delivered: true });
      expect(await writer.deliver(messageItem('M'))).toMatchObject({ delivered: true });
      await writer.write(endParts(), 2);
      expect(await store.findEndedRun(writer.sessionId, { key: 'Message-A' })).toBeNull();
    });
  });
}
