import type { StreamChunk } from '../session/chunk.ts';
import { sizeOf } from './chunk-size.ts';

/** What is kept for a stream that cannot be reached. */
const maxChunks = 20_000;
const maxCharacters = 16 * 1024 * 1024;

interface Wait {
  /** How many chunks must have left. */
  readonly until: number;
  readonly resolve: () => void;
}

/** Counts what a writer holds that its stream has not answered, and knows who waits for the answers. */
export class HeldChunks {
  #count = 0;
  #characters = 0;
  /** Chunks that were answered or given up, ever. */
  #left = 0;
  readonly #waits = new Set<Wait>();

  get count(): number {
    return this.#count;
  }

  /** Whether it is as much as may be kept. */
  get isFull(): boolean {
    return this.#count >= maxChunks || this.#characters >= maxCharacters;
  }

  get isWaitedFor(): boolean {
    return this.#waits.size > 0;
  }

  /** So many chunks more, or a delta of so many characters that joined the last one. */
  take(chunks: number, characters: number): void {
    this.#count += chunks;
    this.#characters += characters;
  }

  /** Answered, or given up. */
  leave(chunks: readonly StreamChunk[]): void {
    this.#count -= chunks.length;
    this.#left += chunks.length;
    for (const chunk of chunks) this.#characters -= sizeOf(chunk);
    for (const wait of this.#waits) if (this.#left >= wait.until) this.#end(wait);
  }

  /** Resolves when all that is held now has left, or the waiting was ended. What comes meanwhile is not waited for. */
  untilLeft(): Promise<void> {
    const until = this.#left + this.#count;
    return new Promise((resolve) => this.#waits.add({ until, resolve }));
  }

  /** The stream was given up, for now or for good. */
  endWaits(): void {
    for (const wait of this.#waits) this.#end(wait);
  }

  forget(): void {
    this.#count = 0;
    this.#characters = 0;
    this.endWaits();
  }

  #end(wait: Wait): void {
    this.#waits.delete(wait);
    wait.resolve();
  }
}
