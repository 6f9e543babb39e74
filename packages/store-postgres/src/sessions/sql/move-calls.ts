import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

/** Records that calls were sent, where nobody did so with the same attempt or a later one. */
export function sendCalls(t: Tables): Sql {
  return moveCalls(t, 'send_calls', 'sent', 'c.attempt < excluded.attempt');
}

/** Records what calls came to, where it is not known yet and no newer owner or attempt has them. */
export function settleCalls(t: Tables): Sql {
  return moveCalls(t, 'settle_calls', 'settled', 'c.attempt <= excluded.attempt and c.epoch <= excluded.epoch');
}

/**
 * The lock on the head orders it before or after a takeover.
 *
 * $1 scope, $2 session, $3 epoch, $4 run, $5 call ids, $6 attempts, $7 changes, $8 calls of closed steps, forgotten at this opportunity
 */
function moveCalls(t: Tables, name: string, change: 'sent' | 'settled', isOpen: string): Sql {
  return sql(
    t,
    name,
    `with closed as (delete from ${t.sessionCalls} where scope = $1 and session_id = $2 and call_id = any($8::text[]))
insert into ${t.sessionCalls} as c (scope, session_id, epoch, call_id, attempt, ${change})
select h.scope, h.session_id, $3, i.call_id, i.attempt, i.change
from (
  select scope, session_id from ${t.sessions}
  where scope = $1 and session_id = $2 and epoch = $3 and run_id = $4 and phase <> 'ended' for share
) h, unnest($5::text[], $6::int[], $7::json[]) as i (call_id, attempt, change)
on conflict (scope, session_id, call_id) do update
set epoch = excluded.epoch, attempt = excluded.attempt, ${change} = excluded.${change}
where c.settled is null and ${isOpen}
returning call_id as "callId"`,
  );
}
