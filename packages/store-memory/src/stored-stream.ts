import {
  charactersOf,
  freezeDeep,
  HelixError,
  maxPageCharacters,
  type StoredChunk,
  type StreamChunk,
  type StreamFence,
  type StreamPage,
  type StreamWriter,
} from '@helix-agents/core';

/** The chunks of one stream and the fence of its last writer. `chunks[0]` has the sequence `floor + 1`. */
export class StoredStream {
  readonly #maxChunkBytes: number;
  readonly #onAppend: () => void;
  readonly #chunks: StoredChunk[] = [];
  /** Characters of each chunk. */
  readonly #sizes: number[] = [];
  #floor = 0;
  #fence: StreamFence | null = null;
  #closed = false;

  constructor(maxChunkBytes: number, onAppend: () => void) {
    this.#maxChunkBytes = maxChunkBytes;
    this.#onAppend = onAppend;
  }

  get last(): number {
    return this.#floor + this.#chunks.length;
  }

  openWriter(fence: StreamFence): StreamWriter {
    this.#check(fence);
    const { runId, epoch, attempt } = fence;
    this.#fence = { runId, epoch, attempt };
    const answers = new Map<number, number>();
    return {
      startSequence: this.last,
      append: (batchNo, chunks) => {
        try {
          this.#check({ runId, epoch, attempt });
          const last = answers.get(batchNo) ?? this.#append(chunks);
          answers.set(batchNo, last);
          return last;
        } catch (error) {
          return Promise.reject(error);
        }
      },
    };
  }

  read(after: number, limit: number): StreamPage {
    const from = after - this.#floor;
    const chunks = from < 0 ? [] : this.#chunks.slice(from, this.#endOfPage(from, limit));
    for (const chunk of chunks) freezeDeep(chunk);
    return { chunks, last: this.last, floor: this.#floor };
  }

  trim(upTo: number): void {
    const count = Math.min(upTo, this.last) - this.#floor;
    if (count <= 0) return;
    this.#chunks.splice(0, count);
    this.#sizes.splice(0, count);
    this.#floor += count;
  }

  /** The stream was deleted: a writer that is still open cannot bring it back. */
  close(): void {
    this.#closed = true;
  }

  #endOfPage(from: number, limit: number): number {
    const last = Math.min(from + limit, this.#chunks.length);
    let end = from;
    for (let characters = 0; end < last && characters < maxPageCharacters; end += 1)
      characters += this.#sizes[end] ?? 0;
    return end;
  }

  #append(chunks: readonly StreamChunk[]): number {
    // All are checked before the first takes a sequence.
    const sizes = chunks.map((chunk) => this.#checkSize(chunk));
    for (const chunk of chunks) this.#chunks.push({ sequence: this.last + 1, chunk });
    this.#sizes.push(...sizes);
    if (chunks.length > 0) this.#onAppend();
    return this.last;
  }

  #check({ epoch, attempt }: StreamFence): void {
    const now = this.#fence;
    const earlier = now && (epoch < now.epoch || (epoch === now.epoch && attempt < now.attempt));
    if (!earlier && !this.#closed) return;
    throw new HelixError('stream_fenced', `the writer of epoch ${epoch}, attempt ${attempt} was shut out`);
  }

  /** A character is at most six bytes in JSON, so most chunks need no exact count. */
  #checkSize(chunk: StreamChunk): number {
    const characters = charactersOf(chunk);
    if (characters * 6 <= this.#maxChunkBytes) return characters;
    const bytes = new TextEncoder().encode(JSON.stringify(chunk)).length;
    if (bytes <= this.#maxChunkBytes) return characters;
    throw new HelixError(
      'stream_chunk_too_large',
      `a ${chunk.type} chunk has ${bytes} bytes; this stream takes ${this.#maxChunkBytes}`,
    );
  }
}
