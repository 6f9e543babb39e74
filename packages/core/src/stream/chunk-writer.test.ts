// Would catch: a run that slows down, fails or lies because its stream is slow, down, or taken over; and chunks lost or doubled.
import { beforeEach, describe, expect, it } from 'vitest';
import type { StreamWriter } from '../contracts/stream-manager.ts';
import { HelixError } from '../errors/helix-error.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { createChunkWriter, type ChunkWriter } from './chunk-writer.ts';
import type { ChunkBody, StreamChunk } from './chunk.ts';

/** A stream that keeps its promises, fails when told, and answers when told. */
class FakeStream implements StreamWriter {
  readonly startSequence = 10;
  readonly appends: { readonly batchNo: number; readonly texts: string[] }[] = [];
  readonly stored: string[] = [];
  readonly #answers = new Map<number, number>();
  /** Taken one by one; `lost` writes and then fails, as a lost reply does. */
  failures: (HelixError | Error | 'lost')[] = [];
  held: Promise<void> | undefined;
  running = 0;
  mostRunning = 0;

  async append(batchNo: number, chunks: readonly StreamChunk[]): Promise<number> {
    this.appends.push({ batchNo, texts: chunks.map(textOf) });
    this.running += 1;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    try {
      await this.held;
      const failure = this.failures.shift();
      if (failure !== undefined && failure !== 'lost') throw failure;
      if (!this.#answers.has(batchNo)) this.stored.push(...chunks.map(textOf));
      const last = this.#answers.get(batchNo) ?? this.startSequence + this.stored.length;
      this.#answers.set(batchNo, last);
      if (failure === 'lost') throw new Error('connection reset');
      return last;
    } finally {
      this.running -= 1;
    }
  }
}

function textOf(chunk: StreamChunk): string {
  return chunk.type === 'text_delta' ? chunk.delta : chunk.type;
}

const text = (delta: string): ChunkBody => ({ type: 'text_delta', delta });
const down = () => new Error('connection refused');

describe('createChunkWriter', () => {
  let clock: FakeClock;
  let stream: FakeStream;
  let logged: string[];
  let fenced: number;
  let writer: ChunkWriter;

  beforeEach(() => {
    clock = new FakeClock();
    stream = new FakeStream();
    logged = [];
    fenced = 0;
    writer = createChunkWriter({
      writer: stream,
      base: () => ({ agentId: 's', agentType: 'a', timestamp: clock.now(), runId: 'r', step: 1, attempt: 1 }),
      clock,
      logger: { log: (level, message) => logged.push(`${level}: ${message}`) },
      onFenced: () => (fenced += 1),
    });
  });

  const texts = () => stream.appends.map((append) => append.texts.join(''));

  it('sends the first chunk at once, then gathers for 20 ms', async () => {
    writer.write(text('a'));
    expect(texts()).toEqual(['a']);
    writer.write(text('b'));
    await clock.advance(10);
    writer.write(text('c'));
    expect(texts()).toEqual(['a']);
    await clock.advance(10);
    expect(texts()).toEqual(['a', 'bc']);
  });

  it('sends at once again after a pause', async () => {
    writer.write(text('a'));
    await clock.advance(20);
    writer.write(text('b'));
    expect(texts()).toEqual(['a', 'b']);
  });

  it('does not wait for the time once 4 KiB are gathered', async () => {
    writer.write(text('a'));
    await clock.advance(1);
    writer.write(text('x'.repeat(4095)));
    expect(stream.appends).toHaveLength(1);
    writer.write(text('y'));
    expect(stream.appends).toHaveLength(2);
  });

  it('has one append in flight, and then sends what gathered meanwhile as one', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    stream.held = promise;
    writer.write(text('a'));
    for (const letter of 'bcdefg') {
      writer.write(text(letter));
      await clock.advance(20);
    }
    expect(texts()).toEqual(['a']);
    resolve();
    await clock.advance(0);
    expect(texts()).toEqual(['a', 'bcdefg']);
    expect(stream.mostRunning).toBe(1);
  });

  it('tells the position with what is not written yet', async () => {
    expect(writer.sequence).toBe(10);
    writer.write(text('a'));
    writer.write(text('b'));
    expect(writer.sequence).toBe(12);
    await writer.flush();
    expect(writer.sequence).toBe(12);
    expect(stream.stored).toEqual(['a', 'b']);
  });

  it('flushes without waiting for the time, also what is written while it flushes before', async () => {
    writer.write(text('a'));
    writer.write(text('b'));
    const flushed = writer.flush();
    writer.write(text('c'));
    await flushed;
    expect(stream.stored).toEqual(['a', 'b', 'c']);
  });

  it('repeats an append whose reply was lost under the same number, so nothing is doubled', async () => {
    stream.failures = ['lost', down()];
    writer.write(text('a'));
    await clock.advance(1_000);
    expect(stream.appends.map(({ batchNo }) => batchNo)).toEqual([1, 1, 1]);
    expect(stream.stored).toEqual(['a']);
    writer.write(text('b'));
    await writer.flush();
    expect(stream.stored).toEqual(['a', 'b']);
    expect(writer.sequence).toBe(12);
    expect(logged).toEqual([]);
  });

  it('holds chunks of a stream that is down, lets the run go on, and writes them in order when it is back', async () => {
    stream.failures = Array.from({ length: 8 }, down);
    writer.write(text('a'));
    const flushed = writer.flush();
    await clock.advance(1_100);
    await flushed;
    expect(logged).toEqual(['error: the stream cannot be written; chunks are held back']);
    writer.write(text('b'));
    await writer.flush();
    expect(stream.stored).toEqual([]);
    expect(writer.sequence).toBe(12);
    await clock.advance(5_000);
    expect(stream.stored).toEqual(['a', 'b']);
    expect(writer.sequence).toBe(12);
    expect(logged).toHaveLength(2);
    expect(logged[1]).toBe('warn: the stream can be written again');
  });

  it('tries a stream that is down once a second, however much is written', async () => {
    stream.failures = Array.from({ length: 100 }, down);
    writer.write(text('a'));
    await clock.advance(1_100);
    const before = stream.appends.length;
    for (let count = 0; count < 20; count += 1) writer.write(text('x'.repeat(5_000)));
    await clock.advance(3_000);
    expect(stream.appends.length - before).toBeLessThanOrEqual(3);
  });

  it('holds only so many chunks of a stream that is down, and says that further ones are dropped', async () => {
    stream.failures = Array.from({ length: 20 }, down);
    writer.write(text('a'));
    await clock.advance(1_100);
    for (let second = 0; second < 5; second += 1) {
      for (let count = 0; count < 6_000; count += 1) writer.write(text('x'));
      await clock.advance(1_000);
    }
    expect(writer.sequence).toBe(10 + 20_000);
    expect(logged.filter((line) => line.includes('dropped'))).toHaveLength(1);
    await clock.advance(60_000);
    expect(stream.stored).toHaveLength(20_000);
    expect(writer.sequence).toBe(10 + 20_000);
  });

  it('says how many chunks were lost where the stream is still down at the end', async () => {
    stream.failures = Array.from({ length: 100 }, down);
    writer.write(text('a'));
    await clock.advance(1_100);
    writer.write(text('b'));
    await writer.close();
    expect(logged.at(-1)).toBe('error: chunks were never written');
    expect(clock.pending).toBe(0);
  });

  it('writes nothing more once it is fenced, and says so once', async () => {
    stream.failures = [new HelixError('stream_fenced', 'taken over')];
    writer.write(text('a'));
    writer.write(text('b'));
    await writer.flush();
    expect(fenced).toBe(1);
    writer.write(text('c'));
    await writer.flush();
    await clock.advance(10_000);
    await writer.close();
    expect(stream.appends).toHaveLength(1);
    expect(fenced).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('gives up only the chunk that is too large', async () => {
    const tooLarge = () => new HelixError('stream_chunk_too_large', 'no');
    writer.write(text('first'));
    await clock.advance(0);
    stream.failures = [tooLarge()];
    for (const letter of ['a', 'b', 'c']) writer.write(text(letter));
    const original = stream.append.bind(stream);
    stream.append = async (batchNo, chunks) => {
      if (chunks.length === 1 && textOf(chunks[0]!) === 'b') throw tooLarge();
      return original(batchNo, chunks);
    };
    await writer.flush();
    expect(stream.stored).toEqual(['first', 'a', 'c']);
    expect(writer.sequence).toBe(13);
    expect(logged).toEqual(['error: a chunk is too large for the stream and was dropped']);
    const numbers = stream.appends.map(({ batchNo }) => batchNo);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });

  it('splits a whole reply that comes as one delta, between characters', async () => {
    const reply = `a${'\u{1f600}'.repeat(20_000)}`;
    writer.write(text(reply));
    await writer.flush();
    expect(stream.stored.length).toBeGreaterThan(2);
    expect(stream.stored.join('')).toBe(reply);
    expect(stream.stored.every((part) => part.isWellFormed())).toBe(true);
    expect(writer.sequence).toBe(10 + stream.stored.length);
  });

  it('writes what it holds when it is closed, and nothing afterwards', async () => {
    writer.write(text('a'));
    writer.write(text('b'));
    await writer.close();
    writer.write(text('c'));
    await clock.advance(100);
    expect(stream.stored).toEqual(['a', 'b']);
    expect(clock.pending).toBe(0);
  });
});
