import type { StreamWriter } from '../../contracts/stream-manager.ts';
import type { StreamChunk } from '../../session/chunk.ts';
import { gapAt } from '../../stream/gap-at.ts';

/**
 * Writes to a stream that could not be opened when its owner began: each append tries to open it, until one does. The first chunk that
 * it is given must be a `rewound` to where the stream was thought to stand: the owner did not know of what stands behind it.
 *
 * Until it opens, positions count from there, and commits may stand on them:
 *
 * 1. Where the stream has less, its owner took what is missing along: the places are filled.
 * 2. Where it has more, all that was thought to stand there stands further on. Who reads on from what a commit said would read a part
 *    of that again, and the next owner would take back a part of it: in its place there are gaps, and the record tells it.
 */
export class LateWriter implements StreamWriter {
  readonly #thought: number;
  readonly #open: () => Promise<StreamWriter>;
  #opened: StreamWriter | undefined;
  #isReady = false;
  /** Position that a commit may stand on, and was only thought. */
  #told: number;
  /** Chunks that the stream has answered. */
  #answered = 0;

  constructor(startSequence: number, open: () => Promise<StreamWriter>) {
    this.#thought = startSequence;
    this.#told = startSequence;
    this.#open = open;
  }

  get isOpen(): boolean {
    return this.#opened !== undefined;
  }

  get startSequence(): number {
    return Math.max(this.#thought, this.#opened?.startSequence ?? 0);
  }

  /** A commit says that it stands on this position. */
  tell(sequence: number): void {
    if (!this.#opened) this.#told = Math.max(this.#told, sequence);
  }

  async append(batchNo: number, chunks: readonly StreamChunk[]): Promise<number> {
    const writer = (this.#opened ??= await this.#open());
    if (!this.#isReady) await this.#fill(writer, chunks);
    const last = await writer.append(batchNo + 1, this.#withGaps(chunks));
    this.#answered += chunks.length;
    return last;
  }

  /** Places that the record stands for, where chunks were lost with their owner, are taken: what comes must not get them. */
  async #fill(writer: StreamWriter, [first]: readonly StreamChunk[]): Promise<void> {
    const lost = this.#thought - writer.startSequence;
    if (first && lost > 0) await writer.append(1, Array<StreamChunk>(lost).fill(gapAt(first)));
    this.#isReady = true;
  }

  /** The first chunk takes back what a former owner left, wherever that ends. */
  #withGaps(chunks: readonly StreamChunk[]): readonly StreamChunk[] {
    if (this.startSequence === this.#thought) return chunks;
    const told = this.#told - this.#thought - this.#answered;
    return chunks.map((chunk, index) => (index < told && this.#answered + index > 0 ? gapAt(chunk) : chunk));
  }
}
