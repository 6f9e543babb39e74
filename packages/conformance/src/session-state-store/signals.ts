import { describe, expect, it } from 'vitest';
import { expectEventually } from '../records/expect-eventually.ts';
import { answerItem, messageItem } from '../records/inbox-items.ts';
import { SessionWriter } from '../records/session-writer.ts';
import type { Opened } from './backend.ts';

/** Whoever watches is told to look again. */
export function signals(opened: Opened): void {
  describe('signals', () => {
    it('call watchers of a session after something was delivered, and after notify', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      let calls = 0;
      const stop = store.signals.watch(writer.sessionId, () => (calls += 1));
      await writer.deliver(messageItem('m'));
      await expectEventually('the watcher heard of the message', () => calls > 0);
      const before = calls;
      store.signals.notify(writer.sessionId);
      await expectEventually('the watcher heard the notice', () => calls > before);
      stop();
    });

    it('call whoever waits for due sessions', async () => {
      const { store } = opened();
      let calls = 0;
      const stop = store.signals.watchDue(() => (calls += 1));
      const writer = await new SessionWriter(store).start();
      await expectEventually('a queued run was told of', () => calls > 0);
      await writer.park();
      const before = calls;
      await writer.deliver(answerItem());
      await expectEventually('an answer was told of', () => calls > before);
      stop();
    });

    it('stop when told so, and a listener that throws harms nobody', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      let stopped = 0;
      let calls = 0;
      store.signals.watch(writer.sessionId, () => (stopped += 1))();
      const throwing = store.signals.watch(writer.sessionId, () => {
        throw new Error('a listener failed');
      });
      const stop = store.signals.watch(writer.sessionId, () => (calls += 1));
      expect(await writer.deliver(messageItem('m'))).toMatchObject({ inbox: 1 });
      await expectEventually('the other watcher was called', () => calls > 0);
      expect(stopped).toBe(0);
      throwing();
      stop();
    });
  });
}
