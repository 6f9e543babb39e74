import { dueAt } from '../../database/now-ms.ts';
import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

/**
 * The first commit of a session. Who inserts the head is first; the others get no row. None is made on what is left of one that is being
 * removed.
 *
 * $1 scope, $2 session, $3 token, $4 messages added, $5 body, $6 messages, $7 run, $8 phase, $9 holder, $10 wake-at,
 * $11 updated-at, $12 runtime, $13 agent type, $14 user
 */
export function createSession(t: Tables): Sql {
  return sql(
    t,
    'create_session',
    `with head as (
  insert into ${t.sessions}
    (scope, session_id, epoch, run_id, phase, holder_id, wake_at, updated_at, runtime, agent_type, user_id)
  select $1, $2, 1, $7, $8, $9,
    ${dueAt('$10::bigint')}, $11, $12, $13, $14
  where (select 1 from ${t.sessionLog} where scope = $1 and session_id = $2 limit 1) is null
  on conflict do nothing
  returning inbox
), log as (
  insert into ${t.sessionLog} (scope, session_id, version, epoch, token, message_count, body, messages)
  select $1, $2, 1, 1, $3, $4, $5, $6 from head
)
select inbox as answer from head`,
  );
}
