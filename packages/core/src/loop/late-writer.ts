import type { StreamWriter } from '../contracts/stream-manager.ts';
import type { StreamChunk } from '../stream/chunk.ts';

/**
 * Writes to a stream that could not be opened when its owner began: each append tries to open it, until one does. What the record
 * does not stand for, behind `startSequence`, is withdrawn first: the owner did not know of it.
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
    if (!this.#isReady) await this.#withdraw(writer, chunks);
    return writer.append(batchNo + 1, chunks);
  }

  /** Also fills places that the record stands for, where chunks were lost with their owner. */
  async #withdraw(writer: StreamWriter, [first]: readonly StreamChunk[]): Promise<void> {
    const { startSequence: toSequence } = this;
    if (first && writer.startSequence !== toSequence) {
      const { agentId, agentType, runId, step, attempt, timestamp } = first;
      const place = { agentId, agentType, runId, step, attempt, timestamp };
      const length = Math.max(1, toSequence - writer.startSequence);
      await writer.append(
        1,
        Array.from({ length }, () => ({ ...place, type: 'rewound', toSequence })),
      );
    }
    this.#isReady = true;
  }
}
