import type { StreamWriter } from '../contracts/stream-manager.ts';
import type { ChunkBody, StreamChunk } from '../session/chunk.ts';
import type { ChunkBuffer, ChunkPlace } from './chunk-buffer.ts';
import { sizeOf } from './chunk-size.ts';
import { gapAt } from './gap-at.ts';
import { HeldChunks } from './held-chunks.ts';

/** Chunks that go together, under one number. */
type Batch = readonly StreamChunk[];

/**
 * What a writer holds for its stream: the batches to append, one behind the other, and behind them the chunks that still gather.
 *
 * 1. The first batch keeps its number and content until it leaves, so that the stream recognises a repetition.
 * 2. A position that was told stays where it is: what is put in later lies behind it.
 */
export class BatchQueue {
  /** What is in the buffer and in the batches. */
  readonly held = new HeldChunks();
  readonly #buffer: ChunkBuffer;
  #batches: Batch[] = [];
  #firstNo = 1;
  #gathered = 0;
  readonly #stream: Pick<StreamWriter, 'startSequence'>;
  /** Position behind what was answered; undefined before the first answer: a stream that opens late says only then where it begins. */
  #acknowledged: number | undefined;

  constructor(stream: Pick<StreamWriter, 'startSequence'>, buffer: ChunkBuffer) {
    this.#stream = stream;
    this.#buffer = buffer;
  }

  /** Position of the stream once everything held is in it. */
  get sequence(): number {
    this.#buffer.seal();
    return this.#last + this.held.count;
  }

  get #last(): number {
    return this.#acknowledged ?? this.#stream.startSequence;
  }

  /** Characters that came since a batch was cut. */
  get gathered(): number {
    return this.#gathered;
  }

  put(body: ChunkBody, place: ChunkPlace): void {
    const size = sizeOf(body);
    this.held.take(this.#buffer.put(body, place), size);
    this.#gathered += size;
  }

  /** Makes a batch of what is gathered. */
  cut(): void {
    this.#gathered = 0;
    if (this.#buffer.length > 0) this.#batches.push(this.#buffer.take());
  }

  /** Appends the first batch; nothing where there is none. */
  appendTo(stream: StreamWriter): number | Promise<number> | undefined {
    const [first] = this.#batches;
    try {
      return first && stream.append(this.#firstNo, first);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The first batch is in the stream, which ends there now. */
  took(last: number): void {
    this.held.leave(this.#batches[0] ?? []);
    this.#replaceFirst();
    this.#acknowledged = last;
  }

  /**
   * The stream refused the first batch as too large: one by one the others fit, and a chunk that is too large alone is given up for a
   * gap. Answers that chunk.
   */
  divide(): StreamChunk | undefined {
    const [batch = []] = this.#batches;
    const [first] = batch;
    if (batch.length > 1) this.#replaceFirst(...batch.map((chunk) => [chunk]));
    else if (first && first.type !== 'gap') return this.#giveUp(first);
    // A stream that has no room for a gap has none for anything.
    else this.took(this.#last);
    return undefined;
  }

  /** Everything held is given up. */
  clear(): void {
    this.#batches = [];
    this.#buffer.take();
    this.held.forget();
  }

  #giveUp(chunk: StreamChunk): StreamChunk {
    const gap = gapAt(chunk);
    this.#replaceFirst([gap]);
    this.held.take(0, sizeOf(gap) - sizeOf(chunk));
    return chunk;
  }

  /** What stands in its place was never sent: it has numbers of its own. */
  #replaceFirst(...instead: readonly Batch[]): void {
    this.#batches.splice(0, 1, ...instead);
    this.#firstNo += 1;
  }
}
