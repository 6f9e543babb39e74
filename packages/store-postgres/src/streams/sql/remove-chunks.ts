import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

/**
 * Raises the floor and removes the batches below it. The newest row stays: it is the fence. $1 scope, $2 stream, $3 up to
 */
export function trimStream(t: Tables): Sql {
  return sql(
    t,
    'trim_stream',
    `with newest as (
  select position, last_sequence from ${t.streamLog} where scope = $1 and stream_id = $2 order by position desc limit 1
), raised as (
  insert into ${t.streams} as s (scope, stream_id, floor)
  select $1, $2, least($3::int, last_sequence) from newest where $3 > 0
  on conflict (scope, stream_id) do update set floor = greatest(s.floor, excluded.floor)
)
delete from ${t.streamLog} using newest n
where scope = $1 and stream_id = $2 and ${t.streamLog}.position < n.position and ${t.streamLog}.last_sequence <= $3`,
  );
}

/** Answers the position of the newest row that was removed. $1 scope, $2 stream */
export function deleteStream(t: Tables): Sql {
  return sql(
    t,
    'delete_stream',
    `with floor as (
  delete from ${t.streams} where scope = $1 and stream_id = $2
), removed as (
  delete from ${t.streamLog} where scope = $1 and stream_id = $2 returning position
)
select max(position) as last from removed`,
  );
}

/**
 * What was on its way to a stream when it was deleted. One that was made anew begins at its first position, and is left alone.
 *
 * $1 scope, $2 stream, $3 position of the newest row that was removed
 */
export function deleteStragglers(t: Tables): Sql {
  return sql(
    t,
    'delete_stragglers',
    `with removed as (
  delete from ${t.streamLog} where scope = $1 and stream_id = $2 and position > $3 returning position
)
select count(*)::int as left from removed`,
  );
}
