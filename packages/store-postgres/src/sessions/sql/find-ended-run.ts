import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

/**
 * A run that is over, and the one that ended after it. Key and id stand for one run; a limit in the order of the table's key would
 * have the planner read them all.
 *
 * $1 scope, $2 session, $3 key or id
 */
export function findEndedRun(t: Tables, by: 'key' | 'id'): Sql {
  return sql(
    t,
    `find_ended_run_by_${by}`,
    `select r.run::text, (
    select n.run::text from ${t.sessionRuns} n
    where n.scope = $1 and n.session_id = $2 and n.version > r.version order by n.version limit 1
  ) as next
from ${t.sessionRuns} r
where r.scope = $1 and r.session_id = $2 and r.run_${by} = $3`,
  );
}
