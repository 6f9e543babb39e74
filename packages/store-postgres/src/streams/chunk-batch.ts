import { makeOnce } from '../batching/make-once.ts';
import type { Write } from '../batching/write-lane.ts';
import type { Tables } from '../database/tables.ts';
import { appendChunks, appendManyChunks } from './sql/append-chunks.ts';

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

/** How batches of chunks are sent. The answer is the sequence of the last chunk. */
export function chunksTo(tables: Tables, synchronous: boolean): Write<ChunkBatch> {
  const single = appendChunks(tables, synchronous);
  return {
    keyOf: ({ streamId }) => streamId,
    weightOf: ({ body }) => body.length,
    alone: (batch) => ({ sql: single, values: valuesOf(batch) }),
    memberOf: valuesOf,
    together: makeOnce((size) => appendManyChunks(tables, size, synchronous)),
  };
}

function valuesOf({ streamId, position, epoch, attempt, writer, batchNo, count, body }: ChunkBatch) {
  return [streamId, position, epoch, attempt, writer, batchNo, count, body];
}
