import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

/**
 * Shuts the owner out before anything is removed: a commit that is on its way finds its place taken. No row: another commit was
 * faster (ask again), or there is nothing to remove.
 *
 * $1 scope, $2 session, $3 token
 */
export function shutOutOwner(t: Tables): Sql {
  return sql(
    t,
    'shut_out_owner',
    `with log as (
  insert into ${t.sessionLog} (scope, session_id, version, epoch, token, message_count, body)
  select $1, $2, l.version + 1, l.epoch + 1, $3, l.message_count, '{"v":1,"at":0}'
  from (
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

/** $1 scope, $2 session */
export function removeSession(t: Tables): Sql {
  const tables = [t.sessionCalls, t.sessionRuns, t.sessionInbox, t.sessions];
  const removals = tables.map(
    (table, index) => `r${index} as (delete from ${table} where scope = $1 and session_id = $2)`,
  );
  return sql(
    t,
    'remove_session',
    `with ${removals.join(', ')} delete from ${t.sessionLog} where scope = $1 and session_id = $2`,
  );
}

/** What a commit left that did not see the shut-out. A session that was made anew has a head, and is left alone. $1 scope, $2 session */
export function removeStragglers(t: Tables): Sql {
  return sql(
    t,
    'remove_stragglers',
    `delete from ${t.sessionLog} l where l.scope = $1 and l.session_id = $2
  and not exists (select from ${t.sessions} h where h.scope = $1 and h.session_id = $2)`,
  );
}
