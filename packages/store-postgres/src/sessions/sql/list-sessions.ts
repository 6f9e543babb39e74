import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

/**
 * The condition on `updated_at` holds for every session; the index of this list is for those who name it.
 *
 * $1 scope, $2 agent type, $3 user, $4 and $5 place of the last one seen (each may be null), $6 limit
 */
export function listSessions(t: Tables): Sql {
  return sql(
    t,
    'list_sessions',
    `select session_id as "sessionId", agent_type as "agentType", user_id as "userId", phase <> 'ended' as live,
  updated_at::float8 as "updatedAt"
from ${t.sessions}
where scope = $1 and updated_at >= 0 and ($2::text is null or agent_type = $2) and ($3::text is null or user_id = $3)
  and ($4::bigint is null or updated_at < $4 or (updated_at = $4 and session_id > $5))
order by updated_at desc, session_id limit $6`,
  );
}
