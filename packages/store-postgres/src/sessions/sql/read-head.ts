import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';
import { tokenReach } from './is-new-token.ts';

/**
 * Where a session stands, and the place where a token landed, in a version or shortly before (null: it did not).
 *
 * $1 scope, $2 session, $3 version, $4 token
 */
export function readHead(t: Tables): Sql {
  return sql(
    t,
    'read_head',
    `select h.epoch, h.inbox, h.run_id as "runId", h.phase, l.version, mine.version as "landedVersion",
  mine.epoch as "landedEpoch"
from ${t.sessions} h
cross join lateral (
  select version from ${t.sessionLog} where scope = $1 and session_id = $2 order by version desc limit 1
) l
left join ${t.sessionLog} mine
  on mine.scope = $1 and mine.session_id = $2 and mine.version between $3::int - ${tokenReach} and $3 and mine.token = $4
where h.scope = $1 and h.session_id = $2`,
  );
}
