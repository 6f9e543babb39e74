import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

/** Runs that are over, oldest first. $1 scope, $2 session */
export function listRuns(t: Tables): Sql {
  return sql(
    t,
    'list_runs',
    `select run::text from ${t.sessionRuns} where scope = $1 and session_id = $2 order by version`,
  );
}
