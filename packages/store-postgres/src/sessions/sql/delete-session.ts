import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

const ofSession = 'scope = $1 and session_id = $2';

/**
 * Leaves a tombstone in place of a session: the row behind its last one. A commit that is on its way finds its place taken, and no
 * session can be made under the id while a row is in the log. Nothing is written where another commit was faster (ask again), or where
 * there is nothing to remove. The head is locked first, as commits do: else they would wait for each other. Answers the first commit of
 * what it removed.
 *
 * $1 scope, $2 session, $3 token of the tombstone
 */
export function removeSession(t: Tables): Sql {
  return sql(
    t,
    'remove_session',
    `with locked as materialized (
  select from ${t.sessions} where ${ofSession} for update
), tombstone as (
  insert into ${t.sessionLog} (scope, session_id, version, epoch, token, message_count, body)
  select $1, $2, l.version + 1, l.epoch + 1, $3, l.message_count, '{"v":1,"at":0}'
  from (select count(*) as heads from locked) first, (
    select version, epoch, message_count from ${t.sessionLog} where ${ofSession} order by version desc limit 1
  ) l
  where first.heads > 0
  on conflict do nothing
  returning version
), ${removalsFrom([t.sessionCalls, t.sessionRuns, t.sessionInbox, t.sessions], 'exists (select from tombstone)')}, log as (
  delete from ${t.sessionLog} where ${ofSession} and version < (select version from tombstone) returning version, body
)
select exists (select from ${t.sessions} where ${ofSession}) as there, (select count(*) from tombstone)::int as written,
  (select body::text from log where version = 1) as body`,
  );
}

/** The token of the tombstone that is still there; no row where there is none. $1 scope, $2 session */
export function findTombstone(t: Tables): Sql {
  return sql(
    t,
    'find_tombstone',
    `select token from ${t.sessionLog}
where ${ofSession} and not exists (select from ${t.sessions} h where h.scope = $1 and h.session_id = $2)
order by version desc limit 1`,
  );
}

/**
 * What was written at the same time as the tombstone, and not seen by who set that, and then the tombstone: it stays until nothing else
 * is left. Answers how much there was in the log. $1 scope, $2 session, $3 token of the tombstone
 */
export function removeStragglers(t: Tables): Sql {
  const isGone = `exists (select from tombstone) and not exists (
  select from ${t.sessions} h where h.scope = $1 and h.session_id = $2
)`;
  return sql(
    t,
    'remove_stragglers',
    `with tombstone as materialized (
  select from ${t.sessionLog} where ${ofSession} and token = $3
), ${removalsFrom([t.sessionCalls, t.sessionRuns, t.sessionInbox], isGone)}, stragglers as (
  delete from ${t.sessionLog} where ${ofSession} and token <> $3 and ${isGone} returning 1
), last as (
  delete from ${t.sessionLog} where ${ofSession} and token = $3 and not exists (select from stragglers)
)
select count(*)::int as left from stragglers`,
  );
}

/** Removes the rows of a session from tables, as parts of one statement. */
function removalsFrom(tables: readonly string[], where: string): string {
  return tables.map((table, index) => `r${index} as (delete from ${table} where ${ofSession} and ${where})`).join(', ');
}
