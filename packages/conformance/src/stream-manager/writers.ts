import { describe, expect, it } from 'vitest';
import { newId } from '../records/new-id.ts';
import { appendTo, runId, said, sequences, text, texts, upTo, type Opened } from './backend.ts';

/** One writer at a time assigns sequences without a gap (S2, S15). */
export function writers(opened: Opened): void {
  const open = (streamId: string, epoch = 1, attempt = 1) =>
    opened().manager.openWriter(streamId, { runId, epoch, attempt });
  const readAll = async (streamId: string) => (await opened().manager.read(streamId, 0)).chunks;

  describe('a writer', () => {
    it('numbers chunks 1, 2, 3, ... in order, over all its batches', async () => {
      const streamId = newId('stream');
      const writer = await open(streamId);
      expect(writer.startSequence).toBe(0);
      expect(await writer.append(1, texts(1, 3))).toBe(3);
      expect(await writer.append(2, texts(4, 4))).toBe(4);
      expect(await writer.append(3, texts(5, 9))).toBe(9);
      const chunks = await readAll(streamId);
      expect(sequences(chunks)).toEqual(upTo(9));
      expect(chunks.map(({ chunk }) => chunk)).toEqual(texts(1, 9));
    });

    it('goes on where the one before stopped', async () => {
      const streamId = newId('stream');
      await (await open(streamId)).append(1, texts(1, 3));
      const second = await open(streamId, 2);
      expect(second.startSequence).toBe(3);
      expect(await second.append(1, texts(4, 5))).toBe(5);
      expect(said(await readAll(streamId))).toEqual(['1', '2', '3', '4', '5']);
    });

    it('that repeats a batch changes nothing and gets the same answer', async () => {
      const streamId = newId('stream');
      const writer = await open(streamId);
      expect(await writer.append(1, texts(1, 2))).toBe(2);
      expect(await writer.append(1, texts(1, 2))).toBe(2);
      expect(await writer.append(2, texts(3, 3))).toBe(3);
      expect(await writer.append(1, texts(1, 2))).toBe(2);
      expect(await writer.append(2, texts(3, 3))).toBe(3);
      expect(said(await readAll(streamId))).toEqual(['1', '2', '3']);
    });

    it('that sends a batch several times at once writes it once', async () => {
      const streamId = newId('stream');
      const writer = await open(streamId);
      const answers = await Promise.all(Array.from({ length: 5 }, () => appendTo(writer, 1, texts(1, 2))));
      expect(answers).toEqual([2, 2, 2, 2, 2]);
      expect(said(await readAll(streamId))).toEqual(['1', '2']);
    });

    it('can append nothing', async () => {
      const streamId = newId('stream');
      const writer = await open(streamId);
      await writer.append(1, texts(1, 2));
      expect(await writer.append(2, [])).toBe(2);
      expect(await writer.append(3, texts(3, 3))).toBe(3);
    });

    it('is refused to an id that is neither of a session nor of one of its streams', async () => {
      for (const streamId of ['', 'a b', 'a.', '.a', 'a.b.c', 'a/b'])
        await expect((async () => open(streamId))()).rejects.toMatchObject({ code: 'input_invalid' });
    });

    it('opened again with the same fence starts its own batches', async () => {
      const streamId = newId('stream');
      await (await open(streamId)).append(1, texts(1, 2));
      const again = await open(streamId);
      expect(again.startSequence).toBe(2);
      expect(await again.append(1, texts(3, 3))).toBe(3);
      expect(said(await readAll(streamId))).toEqual(['1', '2', '3']);
    });
  });

  describe('the fence', () => {
    it('of a later epoch shuts the earlier writer out', async () => {
      const streamId = newId('stream');
      const old = await open(streamId, 1, 5);
      await old.append(1, texts(1, 1));
      const next = await open(streamId, 2, 1);
      await expect(appendTo(old, 2, texts(2, 2))).rejects.toMatchObject({ code: 'stream_fenced' });
      await next.append(1, texts(3, 3));
      await expect(appendTo(old, 3, texts(2, 2))).rejects.toMatchObject({ code: 'stream_fenced' });
      expect(said(await readAll(streamId))).toEqual(['1', '3']);
    });

    it('of a later attempt of the same epoch shuts the earlier one out', async () => {
      const streamId = newId('stream');
      const old = await open(streamId, 3, 1);
      const next = await open(streamId, 3, 2);
      await expect(appendTo(old, 1, texts(1, 1))).rejects.toMatchObject({ code: 'stream_fenced' });
      await next.append(1, texts(2, 2));
      expect(said(await readAll(streamId))).toEqual(['2']);
    });

    it('does not let an earlier epoch or attempt open a writer', async () => {
      const streamId = newId('stream');
      await open(streamId, 3, 2);
      await expect(open(streamId, 2, 9)).rejects.toMatchObject({ code: 'stream_fenced' });
      await expect(open(streamId, 3, 1)).rejects.toMatchObject({ code: 'stream_fenced' });
      await open(streamId, 3, 2);
    });

    it('holds while two writers race: the chunks of the earlier stand before those of the later', async () => {
      const streamId = newId('stream');
      const old = await open(streamId, 1);
      const early = Array.from({ length: 10 }, (_, batch) => appendTo(old, batch, [text(`old ${batch}`)]));
      const next = await open(streamId, 2);
      const late = Array.from({ length: 10 }, (_, batch) => appendTo(next, batch, [text(`new ${batch}`)]));
      const more = Array.from({ length: 5 }, (_, batch) => appendTo(old, 10 + batch, [text(`too late ${batch}`)]));
      const results = await Promise.allSettled([...early, ...late, ...more]);
      const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
      for (const reason of refused) expect(reason).toMatchObject({ code: 'stream_fenced' });
      const chunks = await readAll(streamId);
      expect(sequences(chunks)).toEqual(upTo(chunks.length));
      expect(chunks).toHaveLength(results.length - refused.length);
      const kinds = said(chunks).map((delta) => delta.split(' ')[0]);
      expect(kinds.lastIndexOf('old')).toBeLessThan(kinds.indexOf('new'));
      expect(kinds).not.toContain('too');
    });
  });

  describe('a session that was deleted and made anew under its id', () => {
    const streamsOf = (sessionId: string) => [`${sessionId}.run_1`, `${sessionId}.run_2`] as const;

    it('is not shut out by an owner of the former one that opens its stream late, at whatever epoch', async () => {
      const [former, now] = streamsOf(newId('session'));
      const owner = await open(now);
      await owner.append(1, texts(1, 2));
      const late = await open(former, 7);
      expect(late.startSequence).toBe(0);
      await late.append(1, [text('late')]);
      expect(await owner.append(2, texts(3, 3))).toBe(3);
      expect(said(await readAll(now))).toEqual(['1', '2', '3']);
    });

    it('begins at its first sequence and epoch, whatever the former one left', async () => {
      const [former, now] = streamsOf(newId('session'));
      await (await open(former, 7)).append(1, texts(1, 5));
      const owner = await open(now);
      expect(owner.startSequence).toBe(0);
      expect(await owner.append(1, texts(1, 1))).toBe(1);
      expect(said(await readAll(now))).toEqual(['1']);
    });

    it('keeps its stream, and may write on, when that of the former one is deleted', async () => {
      const { manager } = opened();
      const [former, now] = streamsOf(newId('session'));
      const late = await open(former, 7);
      await late.append(1, texts(1, 5));
      const owner = await open(now);
      await owner.append(1, texts(1, 2));
      await manager.deleteStream(former);
      await expect(appendTo(late, 2, texts(6, 6))).rejects.toMatchObject({ code: 'stream_fenced' });
      expect(await readAll(former)).toEqual([]);
      expect(await owner.append(2, texts(3, 3))).toBe(3);
      expect(said(await readAll(now))).toEqual(['1', '2', '3']);
    });
  });

  describe('a chunk that is too large', () => {
    it('is refused before any sequence is taken, with the whole batch', async () => {
      const streamId = newId('stream');
      const { limits } = opened().manager;
      const writer = await open(streamId);
      await writer.append(1, texts(1, 1));
      const large = text('x'.repeat(limits.maxChunkBytes));
      await expect(appendTo(writer, 2, [text('a'), large])).rejects.toMatchObject({ code: 'stream_chunk_too_large' });
      expect(await writer.append(2, texts(2, 2))).toBe(2);
      expect(said(await readAll(streamId))).toEqual(['1', '2']);
    });

    it('is measured in bytes, not characters', async () => {
      const { limits } = opened().manager;
      const writer = await open(newId('stream'));
      const wide = text('\u20ac'.repeat(Math.ceil(limits.maxChunkBytes / 2)));
      await expect(appendTo(writer, 1, [wide])).rejects.toMatchObject({ code: 'stream_chunk_too_large' });
    });

    it('is not one that just fits', async () => {
      const streamId = newId('stream');
      const { limits } = opened().manager;
      const room = limits.maxChunkBytes - JSON.stringify(text('')).length;
      const fits = text('x'.repeat(room));
      expect(await (await open(streamId)).append(1, [fits])).toBe(1);
      expect((await readAll(streamId))[0]?.chunk).toEqual(fits);
    });
  });

  it.each(['a\u0000b', 'a\ud800b', 'a\u{1f600}b', 'a\u2028b'])('text %j round-trips', async (delta) => {
    const streamId = newId('stream');
    await (await open(streamId)).append(1, [text(delta)]);
    expect(said(await readAll(streamId))).toEqual([delta]);
  });
}
