import { batchMembers, type MemberColumns } from '../../batching/batch-members.ts';
import { dueAt } from '../../database/now-ms.ts';
import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

/** Of each member, in the order of the parameters of a first commit that goes alone. */
const columns = {
  session_id: 'text',
  token: 'text',
  added: 'int',
  body: 'json',
  messages: 'json',
  run_id: 'text',
  phase: 'text',
  holder_id: 'text',
  wake_at: 'bigint',
  updated_at: 'bigint',
  runtime: 'text',
  agent_type: 'text',
  user_id: 'text',
} as const satisfies MemberColumns;

/** The first commits of `size` sessions in one statement. Who finds its session there, or what is left of it, is passed over. */
export function createSessions(t: Tables, size: number): Sql {
  return sql(
    t,
    `create_sessions_${size}`,
    `with i as (
  select * from ${batchMembers(columns, size)} where session_id is not null
), head as (
  insert into ${t.sessions}
    (scope, session_id, epoch, run_id, phase, holder_id, wake_at, updated_at, runtime, agent_type, user_id)
  select $1, session_id, 1, run_id, phase, holder_id,
    ${dueAt('wake_at')},
    updated_at, runtime, agent_type, user_id
  from i
  where (select 1 from ${t.sessionLog} l where l.scope = $1 and l.session_id = i.session_id limit 1) is null
  on conflict do nothing
  returning session_id, inbox
), log as (
  insert into ${t.sessionLog} (scope, session_id, version, epoch, token, message_count, body, messages)
  select $1, session_id, 1, 1, token, added, body, messages from i join head using (session_id)
)
select session_id as key, inbox as answer from head`,
  );
}
