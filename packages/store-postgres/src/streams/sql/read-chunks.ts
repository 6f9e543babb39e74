import { maxPageCharacters } from '@helix-agents/core';
import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

/**
 * A page of a stream, and where the stream ends. Positions have no gaps from the oldest row on and sequences never fall, so the
 * first row is found by halving. The page ends with the row by which it is large; the bodies of later rows are not even fetched.
 *
 * $1 scope, $2 stream, $3 after, $4 limit
 */
export function readChunks(t: Tables): Sql {
  return sql(
    t,
    'read_chunks',
    `with recursive bounds as materialized (
  select
    (select position from ${t.streamLog} where scope = $1 and stream_id = $2 order by position limit 1) as low,
    position as high, last_sequence,
    coalesce((select floor from ${t.streams} where scope = $1 and stream_id = $2), 0) as floor
  from ${t.streamLog} where scope = $1 and stream_id = $2 order by position desc limit 1
), seek (low, high) as (
  select low, high from bounds
  union all
  select case when l.last_sequence > $3 then low else middle + 1 end, case when l.last_sequence > $3 then middle else high end
  from seek, lateral (select (low + high) / 2 as middle) m, lateral (
    select last_sequence from ${t.streamLog} where scope = $1 and stream_id = $2 and position = middle limit 1
  ) l
  where low < high
), found as (
  select position, first_sequence, body, pg_column_size(body) as bytes from ${t.streamLog}
  where scope = $1 and stream_id = $2 and position >= (select max(low) from seek) and last_sequence > $3
    and first_sequence <= $3::int + $4::int and body is not null and $3 >= (select floor from bounds)
  order by position limit $4
), page as (
  select position, first_sequence, body,
    sum(bytes) over (order by position rows unbounded preceding) - bytes as before
  from found
)
select b.last_sequence as last, b.floor, p.first_sequence as first, p.body::text
from bounds b left join page p on p.before < ${maxPageCharacters}
order by p.position`,
  );
}
