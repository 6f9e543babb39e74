import type { Logger } from '../ports/ports.ts';
import type { ChunkBody } from '../session/chunk.ts';
import type { BatchQueue } from './batch-queue.ts';
import type { ChunkPlace } from './chunk-buffer.ts';

/** A time in which a stream cannot be reached. Chunks are held back; what is too much is dropped, and a gap stands in its place. */
export class StreamOutage {
  readonly at = 'outage';
  readonly #queue: BatchQueue;
  readonly #log: Logger['log'];
  #dropped = 0;
  /** There while the next try is waited for; without it, one is on its way. */
  #cancelTry: (() => void) | undefined;

  constructor(queue: BatchQueue, log: Logger['log']) {
    this.#queue = queue;
    this.#log = log;
  }

  /** How many chunks were dropped. */
  get dropped(): number {
    return this.#dropped;
  }

  take(body: ChunkBody, place: ChunkPlace): void {
    if (!this.#queue.held.isFull) return this.#queue.put(body, place);
    if (this.#dropped === 0) {
      this.#log('error', 'too many chunks wait for the stream; further ones are dropped');
      this.#queue.put({ type: 'gap' }, place);
    }
    this.#dropped += 1;
  }

  /** The next try is waited for; `cancelTry` ends that. */
  wait(cancelTry: () => void): void {
    this.#cancelTry = cancelTry;
  }

  /** Whether there was a wait to end. */
  endWait(): boolean {
    const cancelTry = this.#cancelTry;
    this.#cancelTry = undefined;
    cancelTry?.();
    return cancelTry !== undefined;
  }
}
