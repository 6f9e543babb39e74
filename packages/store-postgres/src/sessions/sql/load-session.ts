import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

/** A row of the answer. `log`: in order; the first carries a snapshot where there is one. `inbox`: what it does not know. */
export type LoadRow =
  | {
      readonly part: 'log';
      n: number;
      epoch: number;
      id: string;
      one: string;
      two: string | null;
      three: string | null;
    }
  | { readonly part: 'inbox'; readonly n: number; readonly one: string }
  | { readonly part: 'call'; readonly id: string; readonly one: string | null; readonly two: string | null };

/**
 * Everything that the snapshot is folded from: the newest stored snapshot, the commits and deliveries after it, and calls that
 * moved outside of a commit. One statement, so one moment.
 *
 * $1 scope, $2 session
 */
export function loadSession(t: Tables): Sql {
  return sql(
    t,
    'load_session',
    `with base as materialized (
  select version, snapshot_inbox from ${t.sessionLog}
  where scope = $1 and session_id = $2 and snapshot is not null order by version desc limit 1
)
(select 'log' as part, version as n, epoch, token as id, body::text as one, messages::text as two,
  case when version = (select version from base) then snapshot::text end as three
from ${t.sessionLog}
where scope = $1 and session_id = $2 and version >= coalesce((select version from base), 1)
order by version)
union all
(select 'inbox', seq, null, null, body::text, null, null from ${t.sessionInbox}
where scope = $1 and session_id = $2 and seq > coalesce((select snapshot_inbox from base), 0)
order by seq)
union all
select 'call', null, epoch, call_id, sent::text, settled::text, null from ${t.sessionCalls}
where scope = $1 and session_id = $2`,
  );
}
