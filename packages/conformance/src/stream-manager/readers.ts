import { charactersOf, maxPageCharacters } from '@helix-agents/core';
import { describe, expect, it } from 'vitest';
import { expectEventually } from '../records/expect-eventually.ts';
import { attempt } from '../records/attempt.ts';
import { newId } from '../records/new-id.ts';
import { appendTo, chunkOf, runId, said, sequences, text, texts, upTo, type Opened } from './backend.ts';

/** Readers page as they like and miss nothing. */
export function readers(opened: Opened): void {
  const open = (streamId: string, epoch = 1) => opened().manager.openWriter(streamId, { runId, epoch, attempt: 1 });

  /** Follows by watch and pages, from a cursor, until it has a number of chunks. */
  const follow = async (streamId: string, after: number, count: number) => {
    const { manager } = opened();
    const got: number[] = [];
    let wake = () => {};
    const stop = manager.watch(streamId, () => wake());
    while (got.length < count) {
      const woken = new Promise<void>((resolve) => (wake = resolve));
      const { chunks } = await manager.read(streamId, got.at(-1) ?? after, 7);
      got.push(...sequences(chunks));
      if (chunks.length === 0) await woken;
    }
    stop();
    return got;
  };

  describe('read', () => {
    it('of a stream that does not exist is empty', async () => {
      const { manager } = opened();
      const streamId = newId('stream');
      expect(await manager.read(streamId, 0)).toEqual({ chunks: [], last: 0, floor: 0 });
      expect(await manager.read(streamId, 7)).toMatchObject({ chunks: [] });
      await manager.trim(streamId, 3);
      await manager.deleteStream(streamId);
    });

    it('answers what is after a cursor, at most as many as asked, and the newest sequence', async () => {
      const { manager } = opened();
      const streamId = newId('stream');
      await (await open(streamId)).append(1, texts(1, 10));
      const page = await manager.read(streamId, 4, 3);
      expect(sequences(page.chunks)).toEqual([5, 6, 7]);
      expect(page).toMatchObject({ last: 10, floor: 0 });
      expect(sequences((await manager.read(streamId, 7)).chunks)).toEqual([8, 9, 10]);
      expect(await manager.read(streamId, 10)).toEqual({ chunks: [], last: 10, floor: 0 });
      expect(await manager.read(streamId, 99)).toMatchObject({ chunks: [], last: 10 });
    });

    it('answers at most 1,000 where nobody says how many', async () => {
      const { manager } = opened();
      const streamId = newId('stream');
      await (await open(streamId)).append(1, texts(1, 1_001));
      expect((await manager.read(streamId, 0)).chunks).toHaveLength(1_000);
    });

    it('ends a page with the batch by which it is large, however few its chunks are', async () => {
      const { manager } = opened();
      const streamId = newId('stream');
      const writer = await open(streamId);
      const large = text('x'.repeat(Math.min(150_000, manager.limits.maxChunkBytes - 200)));
      const batch = Array.from({ length: 3 }, () => large);
      const batches = Math.ceil((3 * maxPageCharacters) / charactersOf(batch));
      for (let number = 1; number <= batches; number += 1) await writer.append(number, batch);
      const seen: number[] = [];
      for (let page = await manager.read(streamId, 0); page.chunks.length > 0;) {
        expect(page.last).toBe(batches * batch.length);
        expect(charactersOf(page.chunks.map(({ chunk }) => chunk))).toBeLessThan(
          maxPageCharacters + 2 * charactersOf(batch),
        );
        seen.push(...sequences(page.chunks));
        page = await manager.read(streamId, seen.length);
      }
      expect(seen).toEqual(upTo(batches * batch.length));
    });

    it('gives each chunk as it was written, and what a reader changes of it is changed for nobody else', async () => {
      const { manager } = opened();
      const streamId = newId('stream');
      const call = { toolCallId: 'call', toolName: 'search' };
      const value = [{ deep: null }, 0.1, 9_007_199_254_740_991];
      const written = [
        chunkOf({ type: 'tool_start', ...call, arguments: { text: 'x', '': [] } }),
        { ...chunkOf({ type: 'tool_end', ...call, outcome: { type: 'result', value } }), agentId: 'child', step: 7 },
        chunkOf({ type: 'rewound', toSequence: 1 }),
      ];
      await (await open(streamId)).append(1, structuredClone(written));
      const { chunks } = await manager.read(streamId, 0);
      expect(chunks.map(({ chunk }) => chunk)).toEqual(written);
      // A reader that was compiled without our types is not held by `readonly`.
      const first = chunks[0] as unknown as { chunk: { toolName: string } };
      attempt(() => (first.chunk.toolName = 'changed'));
      attempt(() => (chunks as unknown[]).pop());
      expect((await manager.read(streamId, 0)).chunks.map(({ chunk }) => chunk)).toEqual(written);
    });

    it('is the same after another writer took over', async () => {
      const { manager } = opened();
      const streamId = newId('stream');
      await (await open(streamId)).append(1, texts(1, 2));
      await (await open(streamId, 2)).append(1, texts(3, 4));
      expect(said((await manager.read(streamId, 0)).chunks)).toEqual(['1', '2', '3', '4']);
    });
  });

  describe('readers and a writer at once', () => {
    it('see every chunk once and in order, from wherever they begin', async () => {
      const streamId = newId('stream');
      const writer = await open(streamId);
      await writer.append(0, texts(1, 20));
      const cursors = [0, 0, 5, 20];
      const following = cursors.map((after) => follow(streamId, after, 120 - after));
      for (let batch = 1; batch <= 50; batch += 1) await writer.append(batch, texts(19 + 2 * batch, 20 + 2 * batch));
      const seen = await Promise.all(following);
      seen.forEach((got, index) => expect(got).toEqual(upTo(120).slice(cursors[index])));
    });
  });

  describe('watch', () => {
    it('calls back after chunks and after a poke, also before the stream exists', async () => {
      const { manager } = opened();
      const streamId = newId('stream');
      let calls = 0;
      const stop = manager.watch(streamId, () => (calls += 1));
      await (await open(streamId)).append(1, texts(1, 1));
      await expectEventually('the watcher heard of the chunk', () => calls > 0);
      const before = calls;
      manager.poke(streamId);
      await expectEventually('the watcher heard the poke', () => calls > before);
      stop();
      expect(calls).toBeGreaterThan(before);
    });

    it('stops when told so, and a listener that throws harms nobody', async () => {
      const { manager } = opened();
      const streamId = newId('stream');
      let stopped = 0;
      let calls = 0;
      manager.watch(streamId, () => (stopped += 1))();
      const throwing = manager.watch(streamId, () => {
        throw new Error('a listener failed');
      });
      const stop = manager.watch(streamId, () => (calls += 1));
      expect(await (await open(streamId)).append(1, texts(1, 1))).toBe(1);
      await expectEventually('the other watcher was called', () => calls > 0);
      expect(stopped).toBe(0);
      throwing();
      stop();
    });
  });

  describe('trim', () => {
    it('removes chunks up to a sequence, raises the floor, and numbers go on', async () => {
      const { manager } = opened();
      const streamId = newId('stream');
      const writer = await open(streamId);
      await writer.append(1, texts(1, 10));
      await manager.trim(streamId, 6);
      expect(await manager.read(streamId, 0)).toEqual({ chunks: [], last: 10, floor: 6 });
      expect(await manager.read(streamId, 5)).toMatchObject({ chunks: [] });
      expect(sequences((await manager.read(streamId, 6)).chunks)).toEqual([7, 8, 9, 10]);
      expect(await writer.append(2, texts(11, 11))).toBe(11);
      expect(sequences((await manager.read(streamId, 9)).chunks)).toEqual([10, 11]);
    });

    it('removes nothing of another stream', async () => {
      const { manager } = opened();
      const [trimmed, kept] = [newId('stream'), newId('stream')];
      for (const streamId of [trimmed, kept]) await (await open(streamId)).append(1, texts(1, 5));
      await manager.trim(trimmed, 4);
      const page = await manager.read(kept, 0);
      expect(page).toMatchObject({ last: 5, floor: 0 });
      expect(sequences(page.chunks)).toEqual(upTo(5));
    });

    it('never lowers the floor, and of everything, or more than there is, keeps the numbers', async () => {
      const { manager } = opened();
      const streamId = newId('stream');
      const writer = await open(streamId);
      await writer.append(1, texts(1, 5));
      await manager.trim(streamId, 4);
      await manager.trim(streamId, 2);
      expect(await manager.read(streamId, 4)).toMatchObject({ floor: 4, last: 5 });
      await manager.trim(streamId, 9);
      expect(await manager.read(streamId, 5)).toEqual({ chunks: [], last: 5, floor: 5 });
      expect(await writer.append(2, texts(6, 6))).toBe(6);
      expect((await open(streamId, 2)).startSequence).toBe(6);
    });
  });

  describe('deleteStream', () => {
    it('leaves nothing, and only of that stream', async () => {
      const { manager } = opened();
      const [gone, kept] = [newId('stream'), newId('stream')];
      await (await open(gone)).append(1, texts(1, 5));
      await (await open(kept)).append(1, texts(1, 2));
      await manager.deleteStream(gone);
      expect(await manager.read(gone, 0)).toEqual({ chunks: [], last: 0, floor: 0 });
      expect(await manager.read(kept, 0)).toMatchObject({ last: 2 });
    });

    it('shuts out the writer that was open, and who opens the stream anew begins at its beginning', async () => {
      const { manager } = opened();
      const streamId = newId('stream');
      const writer = await open(streamId);
      await writer.append(1, texts(1, 5));
      await manager.deleteStream(streamId);
      await expect(appendTo(writer, 2, texts(6, 6))).rejects.toMatchObject({ code: 'stream_fenced' });
      expect(await manager.read(streamId, 0)).toMatchObject({ chunks: [], last: 0 });
      expect((await open(streamId)).startSequence).toBe(0);
    });

    it('with the id of a session leaves nothing of all that were made under it, and tells who watches', async () => {
      const { manager } = opened();
      const sessionId = newId('session_a');
      const gone = [sessionId, `${sessionId}.run_1`, `${sessionId}.run_2`];
      // The last two: the same to whoever takes an underscore for any character, or does not see case.
      const others = [`${sessionId}-2`, `${sessionId}0`, sessionId.slice(0, -1), sessionId.replace('_', 'x')];
      const kept = [...others, sessionId.toUpperCase()].flatMap((id) => [id, `${id}.run_1`]);
      const all = await Promise.all([...gone, ...kept].map((streamId) => open(streamId)));
      await Promise.all(all.map((writer) => appendTo(writer, 1, texts(1, 2))));
      await manager.trim(`${sessionId}.run_1`, 1);
      let told = 0;
      const stop = manager.watch(`${sessionId}.run_2`, () => (told += 1));
      await manager.deleteStream(sessionId);
      await expectEventually('the watcher heard of it', () => told > 0);
      stop();
      for (const streamId of gone) expect(await manager.read(streamId, 0)).toEqual({ chunks: [], last: 0, floor: 0 });
      for (const streamId of kept) expect(await manager.read(streamId, 0)).toMatchObject({ last: 2 });
      for (const writer of all.slice(0, gone.length))
        await expect(appendTo(writer, 2, texts(3, 3))).rejects.toMatchObject({ code: 'stream_fenced' });
    });

    it('leaves a stream that can be opened anew from its first sequence', async () => {
      const { manager } = opened();
      const streamId = `${newId('session')}.run_1`;
      await (await open(streamId, 3)).append(1, texts(1, 5));
      await manager.trim(streamId, 2);
      await manager.deleteStream(streamId);
      const again = await open(streamId, 1);
      expect(again.startSequence).toBe(0);
      expect(await again.append(1, [text('anew')])).toBe(1);
      expect(await manager.read(streamId, 0)).toEqual({
        chunks: [{ sequence: 1, chunk: text('anew') }],
        last: 1,
        floor: 0,
      });
    });
  });
}
