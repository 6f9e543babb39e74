import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

/**
 * Records that calls were sent, where nobody did so with the same attempt or a later one. The lock on the head orders it before
 * or after a takeover.
 *
 * $1 scope, $2 session, $3 epoch, $4 run, $5 call ids, $6 attempts, $7 changes, $8 calls of closed steps, forgotten at this opportunity
 */
export function sendCalls(t: Tables): Sql {
  return sql(
    t,
    'send_calls',
    `${forgetClosed(t)}
insert into ${t.sessionCalls} as c (scope, session_id, epoch, call_id, attempt, sent)
select h.scope, h.session_id, $3, i.call_id, i.attempt, i.change
from (
  select scope, session_id from ${t.sessions}
  where scope = $1 and session_id = $2 and epoch = $3 and run_id = $4 and phase <> 'ended' for share
) h, unnest($5::text[], $6::int[], $7::json[]) as i (call_id, attempt, change)
on conflict (scope, session_id, call_id) do update
set epoch = excluded.epoch, attempt = excluded.attempt, sent = excluded.sent
where c.settled is null and c.attempt < excluded.attempt
returning call_id as "callId"`,
  );
}

/**
 * Records what calls came to, where it is not known yet and no newer owner or attempt has them.
 *
 * $1 scope, $2 session, $3 epoch, $4 run, $5 call ids, $6 attempts, $7 changes, $8 calls of closed steps, forgotten at this opportunity
 */
export function settleCalls(t: Tables): Sql {
  return sql(
    t,
    'settle_calls',
    `${forgetClosed(t)}
insert into ${t.sessionCalls} as c (scope, session_id, epoch, call_id, attempt, settled)
select h.scope, h.session_id, $3, i.call_id, i.attempt, i.change
from (
  select scope, session_id from ${t.sessions}
  where scope = $1 and session_id = $2 and epoch = $3 and run_id = $4 and phase <> 'ended' for share
) h, unnest($5::text[], $6::int[], $7::json[]) as i (call_id, attempt, change)
on conflict (scope, session_id, call_id) do update
set epoch = excluded.epoch, attempt = excluded.attempt, settled = excluded.settled
where c.settled is null and c.attempt <= excluded.attempt and c.epoch <= excluded.epoch
returning call_id as "callId"`,
  );
}

function forgetClosed(t: Tables): string {
  return `with closed as (delete from ${t.sessionCalls} where scope = $1 and session_id = $2 and call_id = any($8::text[]))`;
}
