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

/**
 * Removes a stream, and those whose id goes on with a dot: `/` is the character after it. Answers each with the position of its newest
 * row. $1 scope, $2 stream
 */
export function deleteStream(t: Tables): Sql {
  const own = 'scope = $1 and stream_id = $2';
  const below = `scope = $1 and stream_id > $2 || '.' and stream_id < $2 || '/'`;
  return sql(
    t,
    'delete_stream',
    `with floor as (
  delete from ${t.streams} where ${own}
), floors as (
  delete from ${t.streams} where ${below}
), removed as (
  delete from ${t.streamLog} where ${own} returning stream_id, position
), also as (
  delete from ${t.streamLog} where ${below} returning stream_id, position
)
select stream_id as "streamId", max(position) as last
from (select * from removed union all select * from also) r group by stream_id`,
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
