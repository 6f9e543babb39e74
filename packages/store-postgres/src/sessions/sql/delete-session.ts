import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

/**
 * Shuts the owner out before anything is removed: a commit that is on its way finds its place taken. None written: another commit was
 * faster (ask again), or there is nothing to remove. The head is locked first, as commits do: else they would wait for each other.
 *
 * $1 scope, $2 session, $3 token
 */
export function shutOutOwner(t: Tables): Sql {
  return sql(
    t,
    'shut_out_owner',
    `with locked as materialized (
  select from ${t.sessions} where scope = $1 and session_id = $2 for update
), log as (
  insert into ${t.sessionLog} (scope, session_id, version, epoch, token, message_count, body)
  select $1, $2, l.version + 1, l.epoch + 1, $3, l.message_count, '{"v":1,"at":0}'
  from (select count(*) from locked) first, (
    select version, epoch, message_count from ${t.sessionLog}
    where scope = $1 and session_id = $2 order by version desc limit 1
  ) l
  on conflict do nothing
  returning epoch
), head as (
  update ${t.sessions} set epoch = log.epoch from log where scope = $1 and session_id = $2
)
select (select count(*) from log)::int as written,
  exists (select from ${t.sessionLog} where scope = $1 and session_id = $2) as there`,
  );
}

/** Answers the first commit of what it removed. $1 scope, $2 session */
export function removeSession(t: Tables): Sql {
  const removals = removalsFrom([t.sessionCalls, t.sessionRuns, t.sessionInbox, t.sessions]);
  return sql(
    t,
    'remove_session',
    `with ${removals}, log as (
  delete from ${t.sessionLog} where scope = $1 and session_id = $2 returning version, body
)
select body::text from log where version = 1`,
  );
}

/**
 * What a commit left that did not see the shut-out, or one that had the lock on the head for which the removal waited: what it wrote
 * beside was not seen there. A session that was made anew has a head, and is left alone. $1 scope, $2 session
 */
export function removeStragglers(t: Tables): Sql {
  const isGone = ` and not exists (select from ${t.sessions} h where h.scope = $1 and h.session_id = $2)`;
  const removals = removalsFrom([t.sessionCalls, t.sessionRuns, t.sessionInbox], isGone);
  return sql(
    t,
    'remove_stragglers',
    `with ${removals} delete from ${t.sessionLog} where scope = $1 and session_id = $2${isGone}`,
  );
}

/** Removes the rows of a session from tables, as parts of one statement. */
function removalsFrom(tables: readonly string[], where = ''): string {
  return tables
    .map((table, index) => `r${index} as (delete from ${table} where scope = $1 and session_id = $2${where})`)
    .join(', ');
}
