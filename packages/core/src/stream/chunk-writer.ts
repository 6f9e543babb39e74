import type { StreamWriter } from '../contracts/stream-manager.ts';
import type { Clock, Logger } from '../ports/ports.ts';
import type { ChunkBody } from '../session/chunk.ts';
import { BatchQueue } from './batch-queue.ts';
import { BatchSender } from './batch-sender.ts';
import { ChunkBuffer, type ChunkOrigin, type ChunkPlace } from './chunk-buffer.ts';
import { longestDelta } from './delta.ts';

/** What {@link createChunkWriter} takes. */
export interface ChunkWriterOptions {
  readonly writer: StreamWriter;
  /** What every chunk says of its origin. */
  readonly origin: ChunkOrigin;
  readonly clock: Pick<Clock, 'now' | 'monotonic' | 'after'>;
  readonly logger: Logger;
  /** Limit of the stream's store, which no delta exceeds. Default 2 MiB. */
  readonly maxChunkBytes?: number;
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

const nothingToWaitFor = /* @__PURE__ */ Promise.resolve();

/** Makes a writer that gathers chunks into batches and repeats what was not answered. */
export function createChunkWriter(options: ChunkWriterOptions): ChunkWriter {
  return new BatchingWriter(options);
}

/** A run never waits for, or fails by, its stream: `write` is synchronous, `flush` never rejects. */
class BatchingWriter implements ChunkWriter {
  readonly #queue: BatchQueue;
  readonly #sender: BatchSender;
  readonly #log: Logger['log'];
  /** The run is over; whether it was told that something came after it. */
  #closed: { readonly isLateTold: boolean } | undefined;

  constructor(options: ChunkWriterOptions) {
    const { writer: stream, origin, clock, logger, maxChunkBytes = 2 * 1024 * 1024 } = options;
    const buffer = new ChunkBuffer(origin, () => clock.now(), longestDelta(maxChunkBytes));
    const queue = new BatchQueue(stream, buffer);
    this.#log = (level, message, fields) => logger.log(level, message, { runId: origin.runId, ...fields });
    this.#queue = queue;
    this.#sender = new BatchSender({ stream, queue, clock, log: this.#log });
  }

  get sequence(): number {
    return this.#queue.sequence;
  }

  get flushed(): boolean {
    return this.#queue.held.count === 0 && !this.#sender.isShort;
  }

  write(body: ChunkBody, place: ChunkPlace): void {
    if (this.#closed) this.#comeTooLate(this.#closed, body);
    else this.#sender.take(body, place);
  }

  flush(): Promise<void> {
    if (this.#isSettled) return nothingToWaitFor;
    this.#sender.send();
    return this.#isSettled ? nothingToWaitFor : this.#queue.held.untilLeft();
  }

  /** Everything is in the stream, or the stream was given up for now. */
  get #isSettled(): boolean {
    return this.#sender.isGivenUp || this.flushed;
  }

  async close(): Promise<void> {
    const { held } = this.#queue;
    this.#closed ??= { isLateTold: false };
    if (held.count > 0) this.#sender.send();
    if (held.count > 0) await held.untilLeft();
    this.#sender.end();
  }

  /** Of a tool or a hook that did not end with its run. */
  #comeTooLate({ isLateTold }: { readonly isLateTold: boolean }, { type }: ChunkBody): void {
    if (isLateTold) return;
    this.#closed = { isLateTold: true };
    this.#log('warn', 'a chunk came after the end of its run and is not written', { type });
  }
}
