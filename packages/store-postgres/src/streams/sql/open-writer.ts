import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

/**
 * The newest row of a stream: its fence is the stream's.
 *
 * $1 scope, $2 stream
 */
export function readTail(t: Tables): Sql {
  return sql(
    t,
    'read_tail',
    `select position, epoch, attempt, last_sequence as "lastSequence" from ${t.streamLog}
where scope = $1 and stream_id = $2 order by position desc limit 1`,
  );
}

/**
 * A row without chunks that raises the fence; its position is the writer's name. No row: another was faster.
 *
 * $1 scope, $2 stream, $3 position of the newest row (0: none), $4 epoch, $5 attempt, $6 last sequence
 */
export function markWriter(t: Tables): Sql {
  return sql(
    t,
    'mark_writer',
    `insert into ${t.streamLog}
  (scope, stream_id, position, epoch, attempt, writer, batch_no, first_sequence, last_sequence)
values ($1, $2, $3::int + 1, $4, $5, $3::int + 1, 0, $6::int + 1, $6)
on conflict do nothing
returning position`,
  );
}
