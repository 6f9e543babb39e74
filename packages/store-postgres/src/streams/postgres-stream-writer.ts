import { HelixError, type StreamChunk, type StreamFence, type StreamWriter } from '@helix-agents/core';
import type { Coalescer } from '../batching/coalescer.ts';
import { repeatUntilKnown } from '../database/repeat-until-known.ts';
import type { Sql } from '../database/sql.ts';
import type { ResolvedOptions } from '../store-options.ts';
import type { ChunkBatch } from './chunk-batch.ts';
import { encodeChunks } from './encode-chunks.ts';

/** Where a writer begins: `position` is that of the row that opened it, and its name. */
export interface WriterStart {
  readonly streamId: string;
  readonly fence: StreamFence;
  readonly position: number;
  readonly startSequence: number;
}

export interface WriterPorts {
  readonly options: ResolvedOptions;
  readonly maxChunkBytes: number;
  readonly appends: Coalescer<ChunkBatch, number | null>;
  readonly findBatch: Sql;
  readonly onAppend: () => void;
}

/** Batches that may be asked for again; older ones are long answered. */
const remembered = 64;

/**
 * Appends to one stream.
 *
 * 1. One append at a time, in the order of the calls: each goes on top of the row before.
 * 2. A batch number is written once. What the writer does not remember, the rows after its own first one say.
 */
export class PostgresStreamWriter implements StreamWriter {
  readonly startSequence: number;
  readonly #start: WriterStart;
  readonly #ports: WriterPorts;
  readonly #answers = new Map<number, number>();
  #position: number;
  #highestBatchNo = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(start: WriterStart, ports: WriterPorts) {
    this.startSequence = start.startSequence;
    this.#start = start;
    this.#ports = ports;
    this.#position = start.position;
  }

  append(batchNo: number, chunks: readonly StreamChunk[]): Promise<number> {
    const turn = this.#last.then(() => this.#append(batchNo, chunks));
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #append(batchNo: number, chunks: readonly StreamChunk[]): Promise<number> {
    const body = encodeChunks(chunks, this.#ports.maxChunkBytes);
    const known = this.#answers.get(batchNo);
    if (known !== undefined) return known;
    const last = await repeatUntilKnown<number>(this.#ports.options, {
      attempt: () =>
        batchNo > this.#highestBatchNo ? this.#send(batchNo, chunks.length, body) : Promise.resolve(null),
      explain: () => this.#explain(batchNo, chunks.length, body),
      unknown: (cause) => {
        throw new HelixError('state_store_unavailable', 'it is not known whether the chunks were written', { cause });
      },
    });
    this.#remember(batchNo, last);
    if (chunks.length > 0) this.#ports.onAppend();
    return last;
  }

  async #send(batchNo: number, count: number, body: string): Promise<number | null> {
    const { streamId, fence, position: writer } = this.#start;
    const { epoch, attempt } = fence;
    const position = this.#position;
    const last = await this.#ports.appends.submit({ streamId, position, epoch, attempt, writer, batchNo, count, body });
    if (last !== null) this.#position = position + 1;
    return last;
  }

  /** Another writer of the same fence may stand between: then the batch goes on top of its rows. */
  async #explain(batchNo: number, count: number, body: string): Promise<number | undefined> {
    const { streamId, fence, position: writer } = this.#start;
    const { database, scope } = this.#ports.options;
    const values = [scope, streamId, writer, writer, batchNo];
    const [now] = await database.repeatable<BatchPlace>(this.#ports.findBatch, values);
    if (now?.batchEnd !== null && now?.batchEnd !== undefined) {
      this.#position = now.position;
      return now.batchEnd;
    }
    if (now?.epoch !== fence.epoch || now.attempt !== fence.attempt) {
      throw new HelixError(
        'stream_fenced',
        `the writer of epoch ${fence.epoch}, attempt ${fence.attempt} was shut out`,
      );
    }
    this.#position = now.position;
    return (await this.#send(batchNo, count, body)) ?? undefined;
  }

  #remember(batchNo: number, last: number): void {
    this.#highestBatchNo = Math.max(this.#highestBatchNo, batchNo);
    this.#answers.set(batchNo, last);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > remembered && oldest !== undefined) this.#answers.delete(oldest);
  }
}

interface BatchPlace {
  readonly position: number;
  readonly epoch: number;
  readonly attempt: number;
  readonly batchEnd: number | null;
}
