import { describe, expect, it } from 'vitest';
import { HelixError, maxNesting, type Json, type SessionCommit } from '@helix-agents/core';
import { attempt } from '../records/attempt.ts';
import { callRecord, closeParts, replyParts } from '../records/commit-parts.ts';
import { SessionWriter } from '../records/session-writer.ts';
import type { Opened } from './backend.ts';

/** Text that stores are known to choke on. */
const awkward = {
  'a NUL': 'before\u0000after',
  'a lone high surrogate': 'before\ud800after',
  'a lone low surrogate': 'before\udc00after',
  'a pair of surrogates': 'before\u{1f600}after',
  'escapes that look like data': String.raw`\u0000 \ud800 \\ " ' {} $1 %s`,
  'line separators': 'a\u2028b\u2029c\r\n\t',
};

/** No JSON, and so no value for the compiler either. */
const unstorable = 1n as unknown as null;

/** What comes out is what went in, and nobody changes it from outside. */
export function data(opened: Opened): void {
  describe('data', () => {
    it.each(Object.entries(awkward))('%s round-trips, or is refused alone', async (_, text) => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      const call = callRecord('call', { at: 'sent', attempt: 1, epoch: 1 });
      const commits = [
        () => writer.owner(replyParts(writer.runId, 1, [call], text)),
        () => writer.owner(closeParts(writer.runId, 1, ['call'], { [text]: [text] })),
        () => writer.owner({ head: { state: [{ op: 'add', path: '/text', value: text }] } }),
      ];
      for (const commit of commits) await writer.send(commit()).catch(() => undefined);
      await writer.deliver({ kind: 'message', messageId: 'm', parts: [{ type: 'text', text }], at: 1 }).catch(() => {});
      await writer.write({});
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
      expect(await store.messagesAfter(writer.sessionId, 0)).toEqual(writer.messages);
    });

    it.each(Object.entries(awkward))(
      '%s ends a run as its output or its error, and the run is found',
      async (_, text) => {
        const { store } = opened();
        const writer = new SessionWriter(store);
        await writer.start({ key: 'message-1' });
        const { runId } = writer.model!.run!;
        const output = { key: 'inner', runId: 'inner', text };
        await writer.write({ run: { op: 'end', outcome: 'completed', reason: 'finish', output, endedAt: 77 } }, 0);
        const first = writer.model!.run!;
        const error = new HelixError('framework_internal', text).toDetail();
        await writer.start({ key: null });
        await writer.write({ run: { op: 'end', outcome: 'failed', reason: 'error', error, endedAt: 88 } }, 0);
        const found = { run: first, next: writer.model!.run! };
        expect(await store.findEndedRun(writer.sessionId, { key: 'message-1' })).toEqual(found);
        expect(await store.findEndedRun(writer.sessionId, { runId })).toEqual(found);
        expect(await store.findEndedRun(writer.sessionId, { key: 'inner' })).toBeNull();
        expect(await store.listRuns(writer.sessionId)).toEqual([found.run, found.next]);
      },
    );

    it('of odd names and numbers round-trips', async () => {
      const { store } = opened();
      const value = JSON.parse('{"__proto__":{"a":1},"":0,"a/b~c":[[],{},null,true,1e-7,9007199254740991,0.1,-5]}');
      const writer = await new SessionWriter(store).start();
      await writer.write({ head: { state: [{ op: 'add', path: '/odd', value }] } });
      const loaded = (await store.load(writer.sessionId))?.state as { odd: unknown };
      expect(JSON.parse(JSON.stringify(loaded.odd))).toEqual(value);
      expect(Object.keys(loaded.odd as object)).toContain('__proto__');
    });

    it('keeps the order of its members: else the same transcript makes another prompt, and no cache of a provider holds', async () => {
      const { store } = opened();
      const value = { second: 1, first: { z: 1, aa: 2, a: 3 }, B: 4, b: 5 };
      const writer = await new SessionWriter(store).start();
      const call = { ...callRecord('call', { at: 'sent', attempt: 1, epoch: 1 }), input: value };
      await writer.write(replyParts(writer.runId, 1, [call]));
      await writer.write({ head: { state: [{ op: 'add', path: '/value', value }] } });
      const [messages, loaded] = [await store.messagesAfter(writer.sessionId, 1), await store.load(writer.sessionId)];
      expect(JSON.stringify(messages[0]?.parts)).toBe(JSON.stringify(writer.messages[1]?.parts));
      expect(JSON.stringify(loaded?.state)).toBe(JSON.stringify(writer.model?.state));
    });

    it('nested as deeply as a tool may nest it round-trips', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      let value: Json = 'deep';
      for (let level = 0; level < maxNesting; level += 1) value = level % 2 === 0 ? [value] : { level: value };
      const call = { ...callRecord('call', { at: 'sent', attempt: 1, epoch: 1 }), input: value };
      await writer.write(replyParts(writer.runId, 1, [call]));
      await writer.write(closeParts(writer.runId, 1, ['call'], value));
      await writer.write({ head: { state: [{ op: 'add', path: '/deep', value }] } });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
      expect(await store.messagesAfter(writer.sessionId, 0)).toEqual(writer.messages);
    });

    it('that no JSON can hold is refused, and changes nothing', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      const value = { big: unstorable };
      const reply = replyParts(writer.runId, 1);
      const poisoned = writer.owner({ ...reply, head: { ...reply.head, state: [{ op: 'add', path: '/x', value }] } });
      await expect(store.commit(writer.sessionId, poisoned)).rejects.toMatchObject({ code: 'input_invalid' });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
      expect(await store.messagesAfter(writer.sessionId, 0)).toEqual(writer.messages);
      await writer.write(replyParts(writer.runId, 1));
    });

    it('that a reader changes is not changed in the store', async () => {
      const { store } = opened();
      const writer = await new SessionWriter(store).start();
      // A reader that was compiled without our types is not held by `readonly`.
      const loaded = (await store.load(writer.sessionId)) as unknown as { state: { count: number }; unread: unknown[] };
      const messages = await store.messagesAfter(writer.sessionId, 0);
      const runs = await store.listRuns(writer.sessionId);
      attempt(() => ((runs[0] as { runId: string }).runId = 'changed'));
      attempt(() => runs.pop());
      attempt(() => (loaded.state.count = 99));
      attempt(() => loaded.unread.push('nonsense'));
      attempt(() => ((messages[0] as { id: string }).id = 'changed'));
      attempt(() => messages.pop());
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
      expect(await store.listRuns(writer.sessionId)).toEqual([writer.model?.run]);
      expect(await store.messagesAfter(writer.sessionId, 0)).toEqual(writer.messages);
    });
  });

  describe('commits of several sessions at once', () => {
    it('learn each what became of them: landed, refused, poisoned', async () => {
      const { store } = opened();
      const writers = Array.from({ length: 5 }, () => new SessionWriter(store));
      for (const writer of writers) await writer.start();
      const commits = writers.map((writer) => writer.owner(replyParts(writer.runId, 1)));
      const stale = { as: 'owner', epoch: 1, version: 9, lastToken: 'none' } as const;
      commits[1] = { ...commits[1]!, fence: stale };
      commits[3] = writers[3]!.owner({ head: { state: [{ op: 'add', path: '/x', value: unstorable }] } });
      const results = await commitAll(writers, commits);
      expect(results.map(({ status }) => status)).toEqual([
        'fulfilled',
        'fulfilled',
        'fulfilled',
        'rejected',
        'fulfilled',
      ]);
      expect(results[1]).toMatchObject({ value: { landed: false, reason: 'stale', head: { version: 1 } } });
      for (const writer of writers) expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });

    it.each(Object.entries(awkward))('are not harmed by %s in another one', async (_, text) => {
      const { store } = opened();
      const writers = Array.from({ length: 4 }, () => new SessionWriter(store));
      for (const writer of writers) await writer.start();
      const commits = writers.map((writer, index) =>
        writer.owner(replyParts(writer.runId, 1, [], index === 1 ? text : 'plain')),
      );
      const results = await commitAll(writers, commits);
      for (const index of [0, 2, 3]) expect(results[index]).toMatchObject({ value: { landed: true, version: 2 } });
      for (const writer of writers) {
        expect(await store.load(writer.sessionId)).toEqual(writer.model);
        expect(await store.messagesAfter(writer.sessionId, 0)).toEqual(writer.messages);
      }
    });

    it('may make them', async () => {
      const { store } = opened();
      const writers = Array.from({ length: 3 }, () => new SessionWriter(store));
      await commitAll(
        writers,
        writers.map((writer) => writer.entry()),
      );
      for (const writer of writers) expect(await store.load(writer.sessionId)).toEqual(writer.model);
    });
  });

  async function commitAll(writers: readonly SessionWriter[], commits: readonly SessionCommit[]) {
    const { store } = opened();
    const results = await Promise.allSettled(
      writers.map(({ sessionId }, index) => store.commit(sessionId, commits[index]!)),
    );
    results.forEach((result, index) => {
      if (result.status === 'fulfilled') writers[index]!.landed(commits[index]!, result.value);
    });
    return results;
  }
}
