import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

/**
 * Adds a row without chunks that raises the fence; its position is the writer's name. Answers how the stream stood before: its
 * fence, which is that of its newest row, and its last sequence. Position null: a later writer opened it, or another was faster.
 *
 * $1 scope, $2 stream, $3 epoch, $4 attempt
 */
export function openWriter(t: Tables): Sql {
  return sql(
    t,
    'open_writer',
    `with newest as (
  select position, epoch, attempt, last_sequence from ${t.streamLog}
  where scope = $1 and stream_id = $2 order by position desc limit 1
), before as (
  select * from newest union all select 0, 0, 0, 0 where not exists (select from newest)
), opened as (
  insert into ${t.streamLog}
    (scope, stream_id, position, epoch, attempt, writer, batch_no, first_sequence, last_sequence)
  select $1, $2, position + 1, $3, $4, position + 1, 0, last_sequence + 1, last_sequence
  from before where (epoch, attempt) <= ($3::int, $4::int)
  on conflict do nothing
  returning position
)
select b.epoch, b.attempt, b.last_sequence as "lastSequence", o.position from before b left join opened o on true`,
  );
}
