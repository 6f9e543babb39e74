import type { StreamWriter } from '../../contracts/stream-manager.ts';
import type { StreamChunk } from '../../session/chunk.ts';
import { gapAt } from '../../stream/gap-at.ts';

/**
 * Writes to a stream that could not be opened when its owner began: each append tries to open it, until one does. The first chunk that
 * it is given must be a `rewound` to `startSequence`: the owner did not know of what stands behind it.
 */
export class LateWriter implements StreamWriter {
  readonly startSequence: number;
  readonly #open: () => Promise<StreamWriter>;
  #opened: StreamWriter | undefined;
  #isReady = false;

  constructor(startSequence: number, open: () => Promise<StreamWriter>) {
    this.startSequence = startSequence;
    this.#open = open;
  }

  async append(batchNo: number, chunks: readonly StreamChunk[]): Promise<number> {
    const writer = (this.#opened ??= await this.#open());
    if (!this.#isReady) await this.#fill(writer, chunks);
    return writer.append(batchNo + 1, chunks);
  }

  /** Places that the record stands for, where chunks were lost with their owner, are taken: what comes must not get them. */
  async #fill(writer: StreamWriter, [first]: readonly StreamChunk[]): Promise<void> {
    const lost = this.startSequence - writer.startSequence;
    if (first && lost > 0) await writer.append(1, Array<StreamChunk>(lost).fill(gapAt(first)));
    this.#isReady = true;
  }
}
