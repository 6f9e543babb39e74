// Would catch: a run that slows down, fails or lies because its stream is slow, down, or taken over; and chunks lost or doubled.
import { beforeEach, describe, expect, it } from 'vitest';
import type { StreamWriter } from '../contracts/stream-manager.ts';
import { HelixError } from '../errors/helix-error.ts';
import type { ChunkBody, StreamChunk } from '../session/chunk.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { createChunkWriter, type ChunkWriter } from './chunk-writer.ts';

/** A stream that keeps its promises, fails when told, and answers when told. */
class FakeStream implements StreamWriter {
  readonly startSequence = 10;
  readonly appends: { readonly batchNo: number; readonly texts: string[] }[] = [];
  readonly stored: string[] = [];
  readonly chunks: StreamChunk[] = [];
  readonly #answers = new Map<number, number>();
  /** Taken one by one; `lost` writes and then fails, as a lost reply does. */
  failures: (HelixError | Error | 'lost')[] = [];
  held: Promise<void> | undefined;
  running = 0;
  mostRunning = 0;

  append: StreamWriter['append'] = async (batchNo, chunks) => {
    this.appends.push({ batchNo, texts: chunks.map(textOf) });
    this.running += 1;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    try {
      await this.held;
      const failure = this.failures.shift();
      if (failure !== undefined && failure !== 'lost') throw failure;
      if (!this.#answers.has(batchNo)) {
        this.stored.push(...chunks.map(textOf));
        this.chunks.push(...chunks);
      }
      const last = this.#answers.get(batchNo) ?? this.startSequence + this.stored.length;
      this.#answers.set(batchNo, last);
      if (failure === 'lost') throw new Error('connection reset');
      return last;
    } finally {
      this.running -= 1;
    }
  };
}

function textOf(chunk: StreamChunk): string {
  return chunk.type === 'text_delta' ? chunk.delta : chunk.type;
}

/** What a chunk carries, without its origin. */
function bodyOf(chunk: StreamChunk): object {
  const {
    agentId: _id,
    agentType: _type,
    timestamp: _at,
    runId: _run,
    step: _step,
    attempt: _attempt,
    ...body
  } = chunk;
  return body;
}

const text = (delta: string): ChunkBody => ({ type: 'text_delta', delta });
const down = () => new Error('connection refused');
const shutOut = 'info: chunks were not written: the stream has another writer, or may have';

describe('createChunkWriter', () => {
  let clock: FakeClock;
  let stream: FakeStream;
  let logged: string[];
  let writer: ChunkWriter;

  beforeEach(() => {
    clock = new FakeClock();
    stream = new FakeStream();
    logged = [];
    writer = createChunkWriter({
      writer: stream,
      origin: { agentId: 's', agentType: 'a', runId: 'r' },
      clock,
      logger: { log: (level, message) => logged.push(`${level}: ${message}`) },
    });
  });

  const write = (body: ChunkBody, place = { step: 1, attempt: 1 }) => writer.write(body, place);
  const texts = () => stream.appends.map((append) => append.texts.join(''));

  it('sends the first chunk at once, then gathers for 20 ms', async () => {
    write(text('a'));
    expect(texts()).toEqual(['a']);
    write(text('b'));
    await clock.advance(10);
    write(text('c'));
    expect(texts()).toEqual(['a']);
    await clock.advance(10);
    expect(texts()).toEqual(['a', 'bc']);
  });

  it('sends at once again after a pause', async () => {
    write(text('a'));
    await clock.advance(20);
    write(text('b'));
    expect(texts()).toEqual(['a', 'b']);
  });

  it('does not wait for the time once 4 KiB are gathered', async () => {
    write(text('a'));
    await clock.advance(1);
    write(text('x'.repeat(4095)));
    expect(stream.appends).toHaveLength(1);
    write(text('y'));
    expect(stream.appends).toHaveLength(2);
  });

  it('has one append in flight, and then sends what gathered meanwhile as one', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    stream.held = promise;
    write(text('a'));
    for (const letter of 'bcdefg') {
      write(text(letter));
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
    write(text('a'));
    write(text('b'));
    expect(writer.sequence).toBe(12);
    await writer.flush();
    expect(writer.sequence).toBe(12);
    expect(stream.stored).toEqual(['a', 'b']);
  });

  it('flushes without waiting for the time, also what is written while it flushes before', async () => {
    write(text('a'));
    write(text('b'));
    const flushed = writer.flush();
    write(text('c'));
    await flushed;
    expect(stream.stored.join('')).toBe('abc');
  });

  it('repeats an append whose reply was lost under the same number, so nothing is doubled', async () => {
    stream.failures = ['lost', down()];
    write(text('a'));
    await clock.advance(1_000);
    expect(stream.appends.map(({ batchNo }) => batchNo)).toEqual([1, 1, 1]);
    expect(stream.stored).toEqual(['a']);
    write(text('b'));
    await writer.flush();
    expect(stream.stored).toEqual(['a', 'b']);
    expect(writer.sequence).toBe(12);
    expect(logged).toEqual([]);
  });

  it('holds chunks of a stream that is down, lets the run go on, and writes them in order when it is back', async () => {
    stream.failures = Array.from({ length: 8 }, down);
    write(text('a'));
    const flushed = writer.flush();
    await clock.advance(1_100);
    await flushed;
    expect(logged).toEqual(['error: the stream cannot be written; chunks are held back']);
    write(text('b'));
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
    write(text('a'));
    await clock.advance(1_100);
    const before = stream.appends.length;
    for (let count = 0; count < 20; count += 1) write(text('x'.repeat(5_000)));
    await clock.advance(3_000);
    expect(stream.appends.length - before).toBeLessThanOrEqual(3);
  });

  it('holds only so many chunks of a stream that is down, and says that further ones are dropped', async () => {
    stream.failures = Array.from({ length: 20 }, down);
    write(text('a'));
    await clock.advance(1_100);
    for (let second = 0; second < 5; second += 1) {
      for (let step = 0; step < 6_000; step += 1) write(text('x'), { step, attempt: 1 });
      await clock.advance(1_000);
    }
    expect(writer.sequence).toBe(10 + 20_001);
    expect(logged.filter((line) => line.includes('dropped'))).toHaveLength(1);
    await clock.advance(60_000);
    expect(stream.stored).toHaveLength(20_001);
    expect(stream.stored.indexOf('gap')).toBe(20_000);
    expect(writer.sequence).toBe(10 + 20_001);
  });

  it('holds only so many characters of a stream that is down, however few chunks they are', async () => {
    stream.failures = Array.from({ length: 20 }, down);
    write(text('a'));
    await clock.advance(1_100);
    for (let count = 0; count < 2_000; count += 1) write(text('x'.repeat(16_000)));
    expect(logged.filter((line) => line.includes('dropped'))).toHaveLength(1);
    await clock.advance(60_000);
    const characters = stream.stored.join('').length;
    expect(characters).toBeGreaterThan(16 * 1024 * 1024 - 16_000);
    expect(characters).toBeLessThan(16 * 1024 * 1024 + 16_000);
  });

  it('holds only so many characters of what tools gave, and sends it in batches that can be read one by one', async () => {
    stream.failures = Array.from({ length: 20 }, down);
    write(text('a'));
    await clock.advance(1_100);
    const given = (value: string): ChunkBody => ({
      type: 'tool_end',
      toolCallId: 'c1',
      toolName: 'look',
      outcome: { type: 'result', value },
    });
    for (let count = 0; count < 40; count += 1) write(given('x'.repeat(600_000)));
    expect(logged.filter((line) => line.includes('dropped'))).toHaveLength(1);
    await clock.advance(60_000);
    expect(stream.stored).toHaveLength(1 + Math.ceil((16 * 1024 * 1024) / 600_000) + 1);
    expect(stream.stored.at(-1)).toBe('gap');
    expect(Math.max(...stream.appends.map((append) => append.texts.length))).toBe(2);
  });

  it('says how many chunks were lost where the stream is still down at the end', async () => {
    stream.failures = Array.from({ length: 100 }, down);
    write(text('a'));
    await clock.advance(1_100);
    write(text('b'));
    await writer.close();
    expect(logged.at(-1)).toBe('error: chunks were never written');
    expect(clock.pending).toBe(0);
  });

  it('writes nothing more once it is fenced, and says so once', async () => {
    stream.failures = [new HelixError('stream_fenced', 'taken over')];
    write(text('a'));
    write(text('b'));
    await writer.flush();
    write(text('c'));
    await writer.flush();
    await clock.advance(10_000);
    await writer.close();
    expect(stream.appends).toHaveLength(1);
    expect(logged).toEqual([shutOut]);
    expect(clock.pending).toBe(0);
  });

  it('is not flushed where another writer came before all was written, and says how many chunks that cost', async () => {
    stream.failures = [new HelixError('stream_fenced', 'taken over')];
    write(text('a'));
    write({ type: 'step_end' });
    await writer.flush();
    expect(writer.flushed).toBe(false);
    expect(logged).toEqual([shutOut]);
  });

  it('is flushed where another writer came after all was written, until it is given more', async () => {
    write(text('a'));
    await writer.flush();
    stream.failures = [new HelixError('stream_fenced', 'taken over')];
    expect(writer.flushed).toBe(true);
    write(text('b'));
    await writer.flush();
    expect(writer.flushed).toBe(false);
  });

  it('gives up only the chunk that is too large, and a gap stands in its place', async () => {
    const tooLarge = () => new HelixError('stream_chunk_too_large', 'no');
    write(text('first'));
    await clock.advance(0);
    stream.failures = [tooLarge()];
    ['a', 'b', 'c'].forEach((letter, step) => write(text(letter), { step, attempt: 1 }));
    const original = stream.append;
    stream.append = async (batchNo, chunks) => {
      if (chunks.length === 1 && textOf(chunks[0]!) === 'b') throw tooLarge();
      return original(batchNo, chunks);
    };
    await writer.flush();
    expect(stream.stored).toEqual(['first', 'a', 'gap', 'c']);
    expect(writer.sequence).toBe(14);
    expect(writer.flushed).toBe(true);
    expect(logged).toEqual(['error: a chunk is too large for the stream and was dropped']);
    const numbers = stream.appends.map(({ batchNo }) => batchNo);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });

  it('finds what is too large also after an outage, and goes on behind it', async () => {
    stream.failures = [...Array.from({ length: 5 }, down), new HelixError('stream_chunk_too_large', 'no')];
    write(text('a'));
    await clock.advance(1_100);
    write(text('b'));
    await clock.advance(5_000);
    expect(stream.stored).toEqual(['gap', 'b']);
    expect([writer.sequence, writer.flushed, clock.pending]).toEqual([12, true, 0]);
  });

  it('splits a whole reply that comes as one delta, between characters', async () => {
    const reply = `a${'\u{1f600}'.repeat(20_000)}`;
    write(text(reply));
    await writer.flush();
    expect(stream.stored.length).toBeGreaterThan(2);
    expect(stream.stored.join('')).toBe(reply);
    expect(stream.stored.every((part) => part.isWellFormed())).toBe(true);
    expect(writer.sequence).toBe(10 + stream.stored.length);
  });

  it('splits a whole thought that comes as one delta, and only the last piece ends it', async () => {
    const thought = 'z'.repeat(40_000);
    write({ type: 'thinking', content: thought, isComplete: true });
    await writer.flush();
    const pieces = stream.chunks.flatMap((chunk) => (chunk.type === 'thinking' ? [chunk] : []));
    expect(pieces.map(({ content }) => content).join('')).toBe(thought);
    expect(pieces.map(({ content, isComplete }) => [content.length, isComplete])).toEqual([
      [16_384, false],
      [16_384, false],
      [7_232, true],
    ]);
  });

  it('splits a file that is larger than a chunk, and only the last piece ends it', async () => {
    const url = `data:image/png;base64,${'A'.repeat(40_000)}`;
    write({ type: 'file', mediaType: 'image/png', url, isComplete: true });
    await writer.flush();
    const pieces = stream.chunks.flatMap((chunk) => (chunk.type === 'file' ? [chunk] : []));
    expect(pieces.map((piece) => piece.url).join('')).toBe(url);
    expect(pieces.map(({ isComplete }) => isComplete)).toEqual([false, false, true]);
    expect(writer.flushed).toBe(true);
  });

  it('cuts a delta to what a store with a small limit takes', async () => {
    writer = createChunkWriter({
      writer: stream,
      origin: { agentId: 's', agentType: 'a', runId: 'r' },
      clock,
      logger: { log: () => {} },
      maxChunkBytes: 1_200,
    });
    const reply = 'x'.repeat(1_000);
    write(text(reply));
    for (const letter of reply) write(text(letter));
    await writer.flush();
    expect(stream.stored.join('')).toBe(reply + reply);
    expect(Math.max(...stream.stored.map(({ length }) => length))).toBe(100);
  });

  it('writes also what only waits for its time when it is closed', async () => {
    write(text('a'));
    await clock.advance(10);
    write(text('b'));
    expect(stream.stored).toEqual(['a']);
    await writer.close();
    expect(stream.stored).toEqual(['a', 'b']);
    expect(clock.pending).toBe(0);
  });

  it('writes what it holds when it is closed, and nothing afterwards', async () => {
    write(text('a'));
    write(text('b'));
    await writer.close();
    write(text('c'));
    await clock.advance(100);
    expect(stream.stored).toEqual(['a', 'b']);
    expect(clock.pending).toBe(0);
  });

  describe('deltas that wait together', () => {
    const thought = (content: string, isComplete = false): ChunkBody => ({ type: 'thinking', content, isComplete });
    const input = (toolCallId: string, delta: string): ChunkBody => ({ type: 'tool_input_delta', toolCallId, delta });
    /** Something is in flight meanwhile, so that all of them wait. */
    const writeTogether = async (...bodies: ChunkBody[]) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      stream.held = promise;
      write({ type: 'step_end' });
      for (const body of bodies) write(body);
      resolve();
      await writer.flush();
      return stream.chunks.slice(1);
    };

    it('are one chunk, with the time of the first', async () => {
      const before = clock.now();
      const { promise, resolve } = Promise.withResolvers<void>();
      stream.held = promise;
      write({ type: 'step_end' });
      for (const letter of 'abc') {
        write(text(letter));
        await clock.advance(1);
      }
      resolve();
      await writer.flush();
      const base = { agentId: 's', agentType: 'a', runId: 'r', step: 1, attempt: 1 };
      expect(stream.chunks.slice(1)).toEqual([{ ...base, ...text('abc'), timestamp: before }]);
      expect(writer.sequence).toBe(12);
    });

    it('keep their order with everything else', async () => {
      const bodies = [
        text('a'),
        text('b'),
        thought('c'),
        text('d'),
        { type: 'step_end' } as const,
        text('e'),
        text('f'),
      ];
      const chunks = await writeTogether(...bodies);
      expect(chunks.map(bodyOf)).toEqual([text('ab'), thought('c'), text('d'), { type: 'step_end' }, text('ef')]);
    });

    it('of a call are joined, and not those of two', async () => {
      const chunks = await writeTogether(input('x', '{'), input('x', '}'), input('y', '['), text(']'), input('y', '1'));
      expect(chunks.map(bodyOf)).toEqual([input('x', '{}'), input('y', '['), text(']'), input('y', '1')]);
    });

    it('of a thought are joined up to its end, and the next thought is another', async () => {
      const chunks = await writeTogether(
        thought('a'),
        thought('b'),
        thought('', true),
        thought('c'),
        thought('d', true),
      );
      expect(chunks.map(bodyOf)).toEqual([thought('ab', true), thought('cd', true)]);
    });

    it('of two steps or attempts stay two chunks', async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      stream.held = promise;
      write({ type: 'step_end' });
      write(text('a'), { step: 1, attempt: 1 });
      write(text('b'), { step: 1, attempt: 2 });
      write(text('c'), { step: 2, attempt: 2 });
      write(text('d'), { step: 2, attempt: 2 });
      resolve();
      await writer.flush();
      expect(stream.stored.slice(1)).toEqual(['a', 'b', 'cd']);
    });

    it('are not joined across a position that was told: a commit may stand on it, and withdraw what follows', async () => {
      write({ type: 'step_end' });
      write(text('stands'));
      const stands = writer.sequence;
      write(text('withdrawn'));
      write(text(' too'));
      expect(writer.sequence).toBe(stands + 1);
      write({ type: 'rewound', toSequence: stands });
      await writer.flush();
      expect(stream.stored).toEqual(['step_end', 'stands', 'withdrawn too', 'rewound']);
      expect(stream.stored[stands - 1 - stream.startSequence]).toBe('stands');
    });

    it('are several where they are longer than one delta may be', async () => {
      const chunks = await writeTogether(...Array.from({ length: 40 }, () => text('x'.repeat(1_000))));
      expect(chunks.map(({ type, ...more }) => type + ('delta' in more ? more.delta.length : ''))).toEqual([
        'text_delta16000',
        'text_delta16000',
        'text_delta8000',
      ]);
    });

    it('do not change a batch that is on its way, also when it is repeated', async () => {
      stream.failures = [down(), 'lost'];
      write(text('a'));
      write(text('b'));
      await clock.advance(2_000);
      expect(texts()).toEqual(['a', 'a', 'a', 'b']);
      expect(stream.stored).toEqual(['a', 'b']);
    });
  });

  describe('over a stream that answers at once', () => {
    beforeEach(() => {
      stream.append = (batchNo, chunks) => {
        stream.appends.push({ batchNo, texts: chunks.map(textOf) });
        stream.stored.push(...chunks.map(textOf));
        return stream.startSequence + stream.stored.length;
      };
    });

    it('waits for nothing', () => {
      write(text('a'));
      write(text('b'));
      expect([stream.stored, writer.flushed]).toEqual([['a'], false]);
      void writer.flush();
      expect([stream.stored, writer.flushed, writer.sequence]).toEqual([['a', 'b'], true, 12]);
    });

    it('keeps one timer, however often it is flushed, and gathers as long as ever', async () => {
      for (let count = 0; count < 10; count += 1) {
        write(text('a'));
        await writer.flush();
        expect(clock.pending).toBeLessThanOrEqual(1);
        await clock.advance(3);
      }
      const before = stream.appends.length;
      write(text('b'));
      await clock.advance(16);
      expect(stream.appends).toHaveLength(before);
      await clock.advance(1);
      expect(stream.appends).toHaveLength(before + 1);
    });

    it('takes a failure that is thrown as one that was answered', async () => {
      stream.append = () => {
        throw new HelixError('stream_fenced', 'taken over');
      };
      write(text('a'));
      await writer.flush();
      expect(logged).toEqual([shutOut]);
    });
  });
});
