import type { ChunkBase, ChunkBody, StreamChunk } from '../session/chunk.ts';
import { splitDelta } from './delta.ts';
import { OpenChunk, textOf, type WaitingChunk } from './open-chunk.ts';

/** The step and attempt that a chunk belongs to. */
export type ChunkPlace = Pick<ChunkBase, 'step' | 'attempt'>;
/** What all chunks of one writer have in common. */
export type ChunkOrigin = Pick<ChunkBase, 'agentId' | 'agentType' | 'runId'>;

/**
 * Chunks that wait to be sent. Deltas of the same thing that wait one behind the other are one chunk: they would arrive together
 * anyway, and an envelope costs more than what is in it.
 *
 * 1. A chunk that was taken out does not change any more.
 * 2. Nothing is joined to what was sealed: somebody knows its position, and may withdraw what comes after it.
 */
export class ChunkBuffer {
  readonly #origin: ChunkOrigin;
  readonly #now: () => number;
  readonly #longest: number;
  #chunks: WaitingChunk[] = [];
  /** The chunk that a delta may join. */
  #last: OpenChunk | undefined;

  /** `longest` is how many characters a delta may have. */
  constructor(origin: ChunkOrigin, now: () => number, longest: number) {
    this.#origin = origin;
    this.#now = now;
    this.#longest = longest;
  }

  get length(): number {
    return this.#chunks.length;
  }

  /** Answers how many chunks more there are: none where it went into the last one. */
  put(body: ChunkBody, place: ChunkPlace): number {
    if (this.#join(body, place)) return 0;
    const before = this.#chunks.length;
    this.#add(body, place);
    return this.#chunks.length - before;
  }

  #join(body: ChunkBody, { step, attempt }: ChunkPlace): boolean {
    return this.#last !== undefined && this.#last.isAt(step, attempt) && this.#last.join(body, this.#longest);
  }

  #add(body: ChunkBody, { step, attempt }: ChunkPlace): void {
    for (const part of splitDelta(body, this.#longest)) {
      const chunk: WaitingChunk = { ...this.#origin, step, attempt, timestamp: this.#now(), ...part };
      const text = textOf(part);
      this.seal();
      if (text !== undefined) this.#last = new OpenChunk(chunk, text);
      this.#chunks.push(chunk);
    }
  }

  seal(): void {
    this.#last?.seal();
    this.#last = undefined;
  }

  take(): readonly StreamChunk[] {
    this.seal();
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }
}
