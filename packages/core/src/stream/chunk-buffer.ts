import type { ChunkBase, ChunkBody, StreamChunk } from './chunk.ts';
import { joinDelta, splitDelta, type WaitingChunk } from './delta.ts';

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
  #last: WaitingChunk | undefined;

  /** `longest` is how many characters a delta may have. */
  constructor(origin: ChunkOrigin, now: () => number, longest: number) {
    this.#origin = origin;
    this.#now = now;
    this.#longest = longest;
  }

  get length(): number {
    return this.#chunks.length;
  }

  /** Says whether it went into the chunk before it. */
  join(body: ChunkBody, { step, attempt }: ChunkPlace): boolean {
    const last = this.#last;
    return last?.step === step && last.attempt === attempt && joinDelta(last, body, this.#longest);
  }

  add(body: ChunkBody, { step, attempt }: ChunkPlace): void {
    for (const part of splitDelta(body, this.#longest)) {
      this.#last = { ...this.#origin, step, attempt, timestamp: this.#now(), ...part };
      this.#chunks.push(this.#last);
    }
  }

  seal(): void {
    this.#last = undefined;
  }

  take(): readonly StreamChunk[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#last = undefined;
    return chunks;
  }
}
