import type { CoalescerLane } from '../batching/coalescer.ts';
import { failureKind } from '../database/postgres-failure.ts';
import type { Sql } from '../database/sql.ts';
import type { ResolvedOptions } from '../store-options.ts';
import { appendChunks, appendManyChunks, parametersOfBatch } from './sql/append-chunks.ts';

/** A batch on its way: the row after `position`. */
export interface ChunkBatch {
  readonly streamId: string;
  readonly position: number;
  readonly epoch: number;
  readonly attempt: number;
  readonly writer: number;
  readonly batchNo: number;
  readonly count: number;
  readonly body: string;
}

/** How batches of chunks are sent. The answer is the sequence of the last chunk, or null where the batch did not land. */
export class ChunkLane implements CoalescerLane<ChunkBatch, number | null> {
  readonly #options: ResolvedOptions;
  readonly #synchronous: boolean;
  readonly #single: Sql;
  readonly #batches = new Map<number, Sql>();

  constructor(options: ResolvedOptions, synchronous: boolean) {
    this.#options = options;
    this.#synchronous = synchronous;
    this.#single = appendChunks(options.tables, synchronous);
  }

  readonly keyOf = ({ streamId }: ChunkBatch) => streamId;
  readonly weightOf = ({ body }: ChunkBatch) => body.length;
  readonly isPoisoned = (error: unknown) => failureKind(error) === 'refused';

  readonly one = async (batch: ChunkBatch) => {
    const { database, scope } = this.#options;
    const [row] = await database.attempt<{ lastSequence: number }>(this.#single, [scope, ...valuesOf(batch)]);
    return row?.lastSequence ?? null;
  };

  /** In the order of the streams: two processes whose statements meet do not deadlock. */
  readonly many = async (batches: readonly ChunkBatch[]) => {
    const { database, scope } = this.#options;
    const sorted = batches.toSorted((one, other) => (one.streamId < other.streamId ? -1 : 1));
    const size = 2 ** Math.ceil(Math.log2(batches.length));
    const padding = Array.from({ length: (size - batches.length) * parametersOfBatch }, () => null);
    const values = [scope, ...sorted.flatMap(valuesOf), ...padding];
    const rows = await database.attempt<{ streamId: string; lastSequence: number }>(this.#batchOf(size), values);
    const landed = new Map(rows.map((row) => [row.streamId, row.lastSequence]));
    return batches.map(({ streamId }) => landed.get(streamId) ?? null);
  };

  #batchOf(size: number): Sql {
    const known = this.#batches.get(size) ?? appendManyChunks(this.#options.tables, size, this.#synchronous);
    this.#batches.set(size, known);
    return known;
  }
}

function valuesOf({ streamId, position, epoch, attempt, writer, batchNo, count, body }: ChunkBatch) {
  return [streamId, position, epoch, attempt, writer, batchNo, count, body];
}
