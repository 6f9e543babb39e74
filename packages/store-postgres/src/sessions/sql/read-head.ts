import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

/**
 * Where a session stands, and the place where a token landed (null: it did not): in the version that its commit would make, or in the
 * one before, where a unit of an engine that is repeated has read its own commit and stands on top of it. With it the token of the
 * version before.
 *
 * $1 scope, $2 session, $3 version, $4 token
 */
export function readHead(t: Tables): Sql {
  return sql(
    t,
    'read_head',
    `select h.epoch, h.inbox, h.run_id as "runId", h.phase, l.version, mine.version as "landedVersion",
  mine.epoch as "landedEpoch", base.token as "tokenBefore"
from ${t.sessions} h
cross join lateral (
  select version from ${t.sessionLog} where scope = $1 and session_id = $2 order by version desc limit 1
) l
left join ${t.sessionLog} base on base.scope = $1 and base.session_id = $2 and base.version = $3::int - 1
left join ${t.sessionLog} mine
  on mine.scope = $1 and mine.session_id = $2 and mine.version between $3::int - 1 and $3 and mine.token = $4
where h.scope = $1 and h.session_id = $2`,
  );
}
