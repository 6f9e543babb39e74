import { nowMs } from '../../database/now-ms.ts';
import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

/**
 * Adds an item to the inbox of a session and makes a parked session due; one that waits already keeps its place. Two deliveries of
 * one item at once: the second violates the key and is asked again. No row: the item is known, or there is no such session, or the
 * run is not live.
 *
 * $1 scope, $2 session, $3 key of the item, $4 body without its number, $5 run that must be live (or null)
 */
export function deliverItem(t: Tables): Sql {
  return sql(
    t,
    'deliver_item',
    `with head as (
  update ${t.sessions}
  set inbox = inbox + 1,
    wake_at = case when phase = 'parked' then least(wake_at, ${nowMs}::bigint)
      else wake_at end
  where scope = $1 and session_id = $2 and ($5::text is null or (run_id = $5 and phase <> 'ended'))
    and not exists (select from ${t.sessionInbox} where scope = $1 and session_id = $2 and item_key = $3)
  returning epoch, inbox, run_id, phase
), item as (
  insert into ${t.sessionInbox} (scope, session_id, seq, item_key, body) select $1, $2, inbox, $3, $4 from head
)
select head.epoch, head.inbox, head.run_id as "runId", head.phase, l.version
from head
cross join lateral (
  select version from ${t.sessionLog} where scope = $1 and session_id = $2 order by version desc limit 1
) l`,
  );
}

/** Whether an item is known. $1 scope, $2 session, $3 key of the item */
export function knowsItem(t: Tables): Sql {
  return sql(t, 'knows_item', `select 1 from ${t.sessionInbox} where scope = $1 and session_id = $2 and item_key = $3`);
}
