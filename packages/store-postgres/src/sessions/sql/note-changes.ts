import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

/** Not waited for to reach the disk. $1 scope, $2 sessions, $3 times of their last changes */
export function noteChanges(t: Tables): Sql {
  return sql(
    t,
    'note_changes',
    `update ${t.sessions} h set updated_at = c.at
from unnest($2::text[], $3::bigint[]) as c (session_id, at), (select set_config('synchronous_commit', 'off', true) offset 0) s
where h.scope = $1 and h.session_id = c.session_id and h.updated_at < c.at`,
  );
}
