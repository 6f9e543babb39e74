/**
 * Writes an owner's chunks in batches. It owns a buffer, one timer and one append in flight, and calls only the stream.
 *
 * 1. A run never waits for, or fails by, its stream: `write` is synchronous, `flush` never rejects.
 * 2. A batch keeps its number and content until the stream has answered it, so a repetition is recognised.
 * 3. What cannot be written is logged with its count, and a gap stands in its place; nothing vanishes silently.
 * 4. Once fenced it writes nothing more (S15).
 * 5. A position that was told stays where it is: what is written later lies behind it.
 */
import type { StreamWriter } from '../contracts/stream-manager.ts';
import { hasCode } from '../errors/has-code.ts';
import type { Clock, Logger } from '../ports/ports.ts';
import { maxPageCharacters } from '../ports/limits.ts';
import type { ChunkBody, StreamChunk } from '../session/chunk.ts';
import { ChunkBuffer, type ChunkOrigin, type ChunkPlace } from './chunk-buffer.ts';
import { sizeOf } from './chunk-size.ts';
import { longestDelta } from './delta.ts';
import { gapAt } from './gap-at.ts';
import { HeldChunks } from './held-chunks.ts';

/** What {@link createChunkWriter} takes. */
export interface ChunkWriterOptions {
  readonly writer: StreamWriter;
  /** What every chunk says of its origin. */
  readonly origin: ChunkOrigin;
  readonly clock: Pick<Clock, 'now' | 'monotonic' | 'after'>;
  readonly logger: Logger;
  /** Limit of the stream's store, which no delta exceeds. Default 2 MiB. */
  readonly maxChunkBytes?: number;
  /** Called once when another writer took over. */
  readonly onFenced?: () => void;
}

/** Writes the chunks of one owner, in order, without making it wait. */
export interface ChunkWriter {
  /** Position of the stream once everything written is in it. What is written after it was asked for comes behind it. */
  readonly sequence: number;
  /** Whether everything written so far is in the stream; not where another writer took over before. */
  readonly flushed: boolean;
  /** Deltas that wait together are joined into one chunk. */
  write(body: ChunkBody, place: ChunkPlace): void;
  /** Resolves when everything written so far is in the stream, or the stream was given up for now. Never rejects. */
  flush(): Promise<void>;
  /** Flushes; nothing is written any more from now on. */
  close(): Promise<void>;
}

/** How long chunks are gathered after a batch went out; one that comes later goes at once. */
const gatherMs = 20;
/** So many characters of chunks go without waiting for the time. */
const gatherCharacters = 4_096;
/** Waits between the tries of one append. */
const retryMs = [50, 200, 800];
/** How often a stream that cannot be reached is tried again. */
const degradedMs = 1_000;
/** What is kept for a stream that cannot be reached. */
const maxHeldChunks = 20_000;
const maxHeldCharacters = 16 * 1024 * 1024;

const nothingToWaitFor = /* @__PURE__ */ Promise.resolve();

/** Makes a writer that gathers chunks into batches and repeats what was not answered. */
export function createChunkWriter(options: ChunkWriterOptions): ChunkWriter {
  return new BatchingWriter(options);
}

class BatchingWriter implements ChunkWriter {
  readonly #stream: StreamWriter;
  readonly #options: ChunkWriterOptions;
  readonly #buffer: ChunkBuffer;
  #state: 'open' | 'degraded' | 'over' = 'open';
  /** Characters that came since a batch was cut. */
  #gathered = 0;
  /** When what is gathered goes. */
  #dueAt = -Infinity;
  /** Batches to append, in order; the first may be in flight. */
  #queue: (readonly StreamChunk[])[] = [];
  /** Number of the first batch in the queue. */
  #batchNo = 1;
  /** Whether the first batch is in flight, or waits to be tried again. */
  #inFlight = false;
  #tries = 0;
  #acknowledged: number;
  /** What waits, in the buffer and the queue. */
  readonly #held = new HeldChunks();
  #dropped = 0;
  /** Another writer took over before all was written, or may have. */
  #isShort = false;
  /** Left armed when a batch goes early: most batches do, and it costs more to set one than to look at the clock when it fires. */
  #cancelTimer: (() => void) | undefined;
  #closing = false;
  #late = 0;

  constructor(options: ChunkWriterOptions) {
    const { writer, origin, clock, maxChunkBytes = 2 * 1024 * 1024 } = options;
    this.#options = options;
    this.#stream = writer;
    this.#acknowledged = writer.startSequence;
    this.#buffer = new ChunkBuffer(origin, () => clock.now(), longestDelta(maxChunkBytes));
  }

  get sequence(): number {
    this.#buffer.seal();
    return this.#acknowledged + this.#held.count;
  }

  get flushed(): boolean {
    return this.#held.count === 0 && !this.#isShort;
  }

  write(body: ChunkBody, place: ChunkPlace): void {
    if (this.#closing) return this.#comeTooLate(body);
    if (this.#state === 'over') return void (this.#isShort = true);
    if (this.#state === 'degraded' && this.#isFull()) return this.#drop(place);
    this.#hold(body, place);
    if (!this.#inFlight) this.#sendOrWait();
    // Readers get a batch whole: one that has to wait does not grow for ever.
    if (this.#gathered >= maxPageCharacters) this.#cut();
  }

  flush(): Promise<void> {
    if (this.#isSettled) return nothingToWaitFor;
    if (!this.#inFlight) this.#send();
    return this.#isSettled ? nothingToWaitFor : this.#held.untilLeft();
  }

  /** Everything is in the stream, or the stream was given up for now. */
  get #isSettled(): boolean {
    return this.#state !== 'open' || this.flushed;
  }

  async close(): Promise<void> {
    this.#closing = true;
    if (this.#held.count > 0 && !this.#inFlight) this.#send();
    if (this.#inFlight) await this.#held.untilLeft();
    const lost = this.#dropped + this.#held.count;
    if (this.#state !== 'over' && lost > 0) this.#log('error', 'chunks were never written', { chunks: lost });
    this.#end();
  }

  #hold(body: ChunkBody, place: ChunkPlace): void {
    const size = sizeOf(body);
    this.#held.take(this.#buffer.put(body, place), size);
    this.#gathered += size;
  }

  #isFull(): boolean {
    return this.#held.count >= maxHeldChunks || this.#held.characters >= maxHeldCharacters;
  }

  #drop(place: ChunkPlace): void {
    if (this.#dropped === 0) {
      this.#log('error', 'too many chunks wait for the stream; further ones are dropped');
      this.#hold({ type: 'gap' }, place);
    }
    this.#dropped += 1;
  }

  /** A stream that cannot be reached is tried by the timer alone. */
  #sendOrWait(): void {
    const isOpen = this.#state === 'open';
    if (isOpen && (this.#held.isWaitedFor || this.#gathered >= gatherCharacters)) return this.#send();
    if (this.#cancelTimer) return;
    const waitMs = this.#dueAt - this.#options.clock.monotonic();
    // Timers count whole milliseconds, and what is left of one is not worth another.
    if (waitMs >= 1) this.#startTimer(waitMs);
    else this.#send();
  }

  /** Sends what is gathered. Only where nothing is in flight. */
  #send(): void {
    this.#dueAt = this.#options.clock.monotonic() + gatherMs;
    this.#cut();
    this.#appendQueue();
  }

  #cut(): void {
    this.#gathered = 0;
    if (this.#buffer.length > 0) this.#queue.push(this.#buffer.take());
  }

  #appendQueue(): void {
    for (let batch = this.#queue[0]; batch; batch = this.#queue[0]) {
      const answer = this.#append(batch);
      if (typeof answer !== 'number') {
        this.#inFlight = true;
        void answer.then(this.#onAnswer, this.#onFailure);
        return;
      }
      this.#took(batch, answer);
    }
    if (this.#buffer.length > 0) this.#sendOrWait();
  }

  #append(batch: readonly StreamChunk[]): number | Promise<number> {
    try {
      return this.#stream.append(this.#batchNo, batch);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  readonly #onAnswer = (last: number): void => {
    this.#inFlight = false;
    const [batch] = this.#queue;
    if (batch) this.#took(batch, last);
    this.#appendQueue();
  };

  readonly #onFailure = (error: unknown): void => {
    this.#inFlight = false;
    const [batch = []] = this.#queue;
    if (hasCode(error, 'stream_fenced')) this.#beFenced();
    else if (hasCode(error, 'stream_chunk_too_large')) this.#withoutTooLarge(batch, error);
    else if (this.#state === 'open' && this.#tries < retryMs.length) this.#tryAgain();
    else this.#degrade(error);
  };

  #took(batch: readonly StreamChunk[], last: number): void {
    this.#leave(batch);
    this.#acknowledged = last;
    if (this.#state !== 'degraded') return;
    this.#state = 'open';
    this.#log('warn', 'the stream can be written again', { droppedChunks: this.#dropped });
    this.#dropped = 0;
  }

  /** The first batch has its answer. */
  #leave(batch: readonly StreamChunk[], ...instead: readonly (readonly StreamChunk[])[]): void {
    this.#queue.splice(0, 1, ...instead);
    this.#batchNo += 1;
    this.#tries = 0;
    if (instead.length > 0) return;
    this.#held.leave(batch);
  }

  #tryAgain(): void {
    this.#inFlight = true;
    this.#options.clock.after(retryMs[this.#tries] ?? 0, () => {
      this.#inFlight = false;
      this.#appendQueue();
    });
    this.#tries += 1;
  }

  /** One by one the others fit; alone, a chunk that is too large is given up. Its place was told, and stays. */
  #withoutTooLarge(batch: readonly StreamChunk[], error: unknown): void {
    const [first, ...others] = batch;
    if (others.length > 0) this.#leave(batch, ...batch.map((chunk) => [chunk]));
    else if (first && first.type !== 'gap') this.#giveUp(first, error);
    else this.#leave(batch);
    this.#appendQueue();
  }

  #giveUp(chunk: StreamChunk, error: unknown): void {
    this.#log('error', 'a chunk is too large for the stream and was dropped', { type: chunk.type, error });
    const gap = gapAt(chunk);
    this.#leave([chunk], [gap]);
    this.#held.take(0, sizeOf(gap) - sizeOf(chunk));
  }

  #beFenced(): void {
    const chunks = this.#held.count;
    if (chunks > 0)
      this.#log('warn', 'chunks were not written: the stream has another writer, or may have', { chunks });
    this.#isShort = chunks > 0;
    this.#end();
    this.#options.onFenced?.();
  }

  #degrade(error: unknown): void {
    if (this.#state === 'open') this.#log('error', 'the stream cannot be written; chunks are held back', { error });
    this.#state = 'degraded';
    this.#startTimer(degradedMs);
    this.#held.endWaits();
  }

  /** Of a tool or a hook that did not end with its run. */
  #comeTooLate({ type }: ChunkBody): void {
    if (this.#late === 0) this.#log('warn', 'a chunk came after the end of its run and is not written', { type });
    this.#late += 1;
  }

  #startTimer(ms: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#options.clock.after(ms, () => {
      this.#cancelTimer = undefined;
      if (this.#inFlight || this.#held.count === 0) return;
      if (this.#state === 'degraded') this.#send();
      else this.#sendOrWait();
    });
  }

  #end(): void {
    this.#state = 'over';
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#queue = [];
    this.#buffer.take();
    this.#held.forget();
  }

  #log(level: 'warn' | 'error', message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#options.logger.log(level, message, { runId: this.#options.origin.runId, ...fields });
  }
}
