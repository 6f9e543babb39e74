import { batchMembers, type MemberColumns } from '../../batching/batch-members.ts';
import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

/**
 * Appends a batch on top of the newest row, where that is still of the same fence.
 *
 * $1 scope, $2 stream, $3 position of the newest row, $4 epoch, $5 attempt, $6 writer, $7 batch number, $8 chunks in it, $9 body
 */
export function appendChunks(t: Tables, synchronous: boolean): Sql {
  return sql(
    t,
    'append_chunks',
    `insert into ${t.streamLog}
  (scope, stream_id, position, epoch, attempt, writer, batch_no, first_sequence, last_sequence, body)
select $1, $2, p.position + 1, $4, $5, $6, $7, p.last_sequence + 1, p.last_sequence + $8, $9
from ${t.streamLog} p${synchronous ? '' : unflushed}
where p.scope = $1 and p.stream_id = $2 and p.position = $3 and p.epoch = $4 and p.attempt = $5
on conflict do nothing
returning last_sequence as answer`,
  );
}

/** Of each member, in the order of the parameters of a batch that goes alone. */
const columns = {
  stream_id: 'text',
  position: 'int',
  epoch: 'int',
  attempt: 'int',
  writer: 'int',
  batch_no: 'int',
  chunks: 'int',
  body: 'json',
} as const satisfies MemberColumns;

/** Batches of `size` streams in one statement; unused places find nothing. */
export function appendManyChunks(t: Tables, size: number, synchronous: boolean): Sql {
  return sql(
    t,
    `append_chunks_${size}`,
    `insert into ${t.streamLog}
  (scope, stream_id, position, epoch, attempt, writer, batch_no, first_sequence, last_sequence, body)
select $1, i.stream_id, p.position + 1, i.epoch, i.attempt, i.writer, i.batch_no, p.last_sequence + 1,
  p.last_sequence + i.chunks, i.body
from ${batchMembers(columns, size)}
cross join lateral (
  select l.position, l.last_sequence from ${t.streamLog} l
  where l.scope = $1 and l.stream_id = i.stream_id and l.position = i.position and l.epoch = i.epoch
    and l.attempt = i.attempt limit 1
) p${synchronous ? '' : unflushed}
on conflict do nothing
returning stream_id as key, last_sequence as answer`,
  );
}

/** For this transaction only. */
const unflushed = `, (select set_config('synchronous_commit', 'off', true) offset 0) s`;
