/**
 * Writes an owner's chunks in batches. It owns a buffer, one timer and one append in flight, and calls only the stream.
 *
 * 1. A run never waits for, or fails by, its stream: `write` is synchronous, `flush` never rejects.
 * 2. A batch keeps its number and content until the stream has answered it, so a repetition is recognised.
 * 3. What cannot be written is logged with its count; nothing vanishes silently.
 * 4. Once fenced it writes nothing more (S15).
 */
import type { StreamWriter } from '../contracts/stream-manager.ts';
import { HelixError } from '../errors/helix-error.ts';
import type { Clock, Logger } from '../ports/ports.ts';
import type { ChunkBase, ChunkBody, StreamChunk } from './chunk.ts';
import { splitDelta } from './split-delta.ts';

/** What {@link createChunkWriter} takes. */
export interface ChunkWriterOptions {
  readonly writer: StreamWriter;
  /** What every chunk says of its origin, asked at each write. */
  readonly base: () => ChunkBase;
  readonly clock: Pick<Clock, 'after' | 'sleep'>;
  readonly logger: Logger;
  /** How long chunks are gathered after a batch went out; one that comes later goes at once. Default 20. */
  readonly flushMs?: number;
  /** Characters of chunks that go without waiting for the time. Default 4,096. */
  readonly flushBytes?: number;
  /** Called once when another writer took over. */
  readonly onFenced?: () => void;
}

/** Writes the chunks of one owner, in order, without making it wait. */
export interface ChunkWriter {
  /** Position of the stream once everything written is in it. */
  readonly sequence: number;
  write(body: ChunkBody): void;
  /** Resolves when everything written so far is in the stream, or the stream was given up for now. Never rejects. */
  flush(): Promise<void>;
  /** Flushes; afterwards nothing is written any more. */
  close(): Promise<void>;
}

/** Waits between the tries of one append. */
const retryMs = [50, 200, 800];
/** How often a stream that cannot be reached is tried again. */
const degradedMs = 1_000;
/** What is kept for a stream that cannot be reached. */
const maxHeldChunks = 20_000;

/** Makes a writer that gathers chunks into batches and repeats what was not answered. */
export function createChunkWriter(options: ChunkWriterOptions): ChunkWriter {
  return new BatchingWriter(options);
}

class BatchingWriter implements ChunkWriter {
  readonly #options: Required<Omit<ChunkWriterOptions, 'onFenced'>> & Pick<ChunkWriterOptions, 'onFenced'>;
  #state: 'open' | 'degraded' | 'over' = 'open';
  #buffer: StreamChunk[] = [];
  #bytes = 0;
  /** Batches to append, in order; the first may be in flight. */
  #queue: (readonly StreamChunk[])[] = [];
  /** Number of the first batch in the queue. */
  #batchNo = 1;
  #appending: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;
  #acknowledged: number;
  #dropped = 0;

  constructor(options: ChunkWriterOptions) {
    this.#options = { flushMs: 20, flushBytes: 4096, ...options };
    this.#acknowledged = options.writer.startSequence;
  }

  get sequence(): number {
    return this.#acknowledged + this.#held;
  }

  write(body: ChunkBody): void {
    if (this.#state === 'over') return;
    for (const part of splitDelta(body)) this.#hold({ ...this.#options.base(), ...part });
    if (!this.#appending && (!this.#cancelTimer || this.#isDue())) this.#append();
  }

  async flush(): Promise<void> {
    while (this.#state === 'open' && (this.#appending || this.#buffer.length > 0)) {
      if (!this.#appending) this.#append();
      await this.#appending;
    }
  }

  async close(): Promise<void> {
    if (this.#state === 'degraded' && !this.#appending) this.#append();
    await this.#appending;
    await this.flush();
    const lost = this.#dropped + this.#held;
    if (!this.#isOver() && lost > 0) this.#log('error', 'chunks were never written', { chunks: lost });
    this.#end();
  }

  #hold(chunk: StreamChunk): void {
    if (this.#state === 'degraded' && this.#held >= maxHeldChunks) {
      if (this.#dropped === 0) this.#log('error', 'too many chunks wait for the stream; further ones are dropped');
      this.#dropped += 1;
      return;
    }
    this.#buffer.push(chunk);
    this.#bytes += sizeOf(chunk);
  }

  /** Sends what is buffered, one append at a time, until less than a batch is left. */
  #append(): void {
    this.#startTimer(this.#options.flushMs);
    this.#cutBatch();
    if (this.#queue.length === 0) return;
    this.#appending = this.#drain().finally(() => {
      this.#appending = undefined;
      if (this.#state === 'degraded') this.#startTimer(degradedMs);
      else if (this.#buffer.length > 0 && (!this.#cancelTimer || this.#isDue())) this.#append();
    });
  }

  #cutBatch(): void {
    if (this.#buffer.length === 0) return;
    this.#queue.push(this.#buffer);
    this.#buffer = [];
    this.#bytes = 0;
  }

  /** Rejects never; leaves in the queue what could not be appended. */
  async #drain(): Promise<void> {
    for (let batch = this.#queue[0]; batch && this.#state !== 'over'; batch = this.#queue[0]) {
      try {
        const last = await this.#appendWithRetry(batch);
        if (this.#isOver()) return;
        this.#replaceFirst([]);
        this.#acknowledged = last;
        this.#recovered();
      } catch (error) {
        if (!this.#goesOnAfter(error, batch)) return;
      }
    }
  }

  async #appendWithRetry(chunks: readonly StreamChunk[]): Promise<number> {
    const { writer, clock } = this.#options;
    const batchNo = this.#batchNo;
    // A stream that failed before gets one try: the next comes with the timer.
    for (const waitMs of this.#state === 'degraded' ? [] : retryMs) {
      try {
        return await writer.append(batchNo, chunks);
      } catch (error) {
        if (isVerdict(error)) throw error;
        await clock.sleep(waitMs);
      }
    }
    return writer.append(batchNo, chunks);
  }

  /** Whether the queue can be worked on after a batch was not appended. */
  #goesOnAfter(error: unknown, batch: readonly StreamChunk[]): boolean {
    if (hasCode(error, 'stream_fenced')) {
      this.#end();
      this.#options.onFenced?.();
      return false;
    }
    if (hasCode(error, 'stream_chunk_too_large')) {
      this.#replaceFirst(this.#withoutTooLarge(batch, error));
      return true;
    }
    if (this.#state === 'open') this.#log('error', 'the stream cannot be written; chunks are held back', { error });
    if (this.#state !== 'over') this.#state = 'degraded';
    return false;
  }

  /** One by one the others fit; alone, a chunk that is too large is given up. */
  #withoutTooLarge(chunks: readonly StreamChunk[], error: unknown): StreamChunk[][] {
    if (chunks.length > 1) return chunks.map((chunk) => [chunk]);
    this.#log('error', 'a chunk is too large for the stream and was dropped', { type: chunks[0]?.type, error });
    return [];
  }

  #replaceFirst(batches: readonly StreamChunk[][]): void {
    this.#queue.splice(0, 1, ...batches);
    this.#batchNo += 1;
  }

  #recovered(): void {
    if (this.#state !== 'degraded') return;
    this.#state = 'open';
    this.#log('warn', 'the stream can be written again', { droppedChunks: this.#dropped });
    this.#dropped = 0;
  }

  #startTimer(ms: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#options.clock.after(ms, () => {
      this.#cancelTimer = undefined;
      if (!this.#appending && (this.#buffer.length > 0 || this.#queue.length > 0)) this.#append();
    });
  }

  #end(): void {
    this.#state = 'over';
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#buffer = [];
    this.#queue = [];
  }

  /** Whether the buffer goes without waiting for the timer; a stream that cannot be reached is tried by the timer alone. */
  #isDue(): boolean {
    return this.#state === 'open' && this.#bytes >= this.#options.flushBytes;
  }

  get #held(): number {
    return this.#queue.reduce((sum, chunks) => sum + chunks.length, this.#buffer.length);
  }

  /** A method, because the state changes while somebody waits. */
  #isOver(): boolean {
    return this.#state === 'over';
  }

  #log(level: 'warn' | 'error', message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#options.logger.log(level, message, { runId: this.#options.base().runId, ...fields });
  }
}

function sizeOf(chunk: StreamChunk): number {
  if (chunk.type === 'text_delta' || chunk.type === 'tool_input_delta') return chunk.delta.length;
  // Everything else is rare, and readers wait for it: it goes with the next batch, whatever its size.
  return chunk.type === 'thinking' ? chunk.content.length : 256;
}

/** An answer of the stream that no repetition changes. */
function isVerdict(error: unknown): boolean {
  return hasCode(error, 'stream_fenced') || hasCode(error, 'stream_chunk_too_large');
}

function hasCode(error: unknown, code: HelixError['code']): boolean {
  return HelixError.is(error) && error.code === code;
}
