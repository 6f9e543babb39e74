import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

/**
 * The rows whose messages come after a place in the transcript. Versions have no gaps and `message_count` never falls, so the
 * first row is found by halving: a few look-ups in the key, however long the session. Of rows that lie behind the limit, or behind
 * the row by which the page is large, the messages are not even fetched.
 *
 * $1 scope, $2 session, $3 after, $4 limit (null: all), $5 bytes after which the page is large (null: never)
 */
export function messagesAfter(t: Tables): Sql {
  return sql(
    t,
    'messages_after',
    `with recursive seek (low, high) as (
  (select 1, version from ${t.sessionLog} where scope = $1 and session_id = $2 order by version desc limit 1)
  union all
  select case when l.message_count > $3 then low else middle + 1 end, case when l.message_count > $3 then middle else high end
  from seek, lateral (select (low + high) / 2 as middle) m, lateral (
    select message_count from ${t.sessionLog} where scope = $1 and session_id = $2 and version = middle limit 1
  ) l
  where low < high
), found as (
  select version, message_count, messages, pg_column_size(messages) as bytes from ${t.sessionLog}
  where scope = $1 and session_id = $2 and version >= (select max(low) from seek) and message_count > $3
    and messages is not null
  order by version limit $4
), page as (
  select version, message_count, messages,
    lag(message_count, 1, $3::int) over (order by version) - $3 as messages_before,
    sum(bytes) over (order by version rows unbounded preceding) - bytes as bytes_before
  from found
)
select message_count as "upTo", messages::text from page
where ($4::int is null or messages_before < $4) and ($5::int is null or bytes_before < $5)
order by version`,
  );
}
