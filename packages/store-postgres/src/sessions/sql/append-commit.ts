import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';
import { isNewToken } from './is-new-token.ts';

/**
 * An ordinary commit: compare-and-append. The row of version n + 1 goes only on top of version n of the same epoch, and the key
 * lets one in. No row back: refused, or here before; a second statement says which.
 *
 * $1 scope, $2 session, $3 version, $4 epoch, $5 token, $6 messages added, $7 body, $8 messages, $9 snapshot, $10 its inbox
 */
export function appendCommit(t: Tables): Sql {
  return sql(
    t,
    'append_commit',
    `insert into ${t.sessionLog}
  (scope, session_id, version, epoch, token, message_count, body, messages, snapshot, snapshot_inbox)
select p.scope, p.session_id, p.version + 1, p.epoch, $5, p.message_count + $6, $7, $8, $9, $10
from ${t.sessionLog} p
where p.scope = $1 and p.session_id = $2 and p.version = $3 and p.epoch = $4
  and ${isNewToken(t, '$1', '$2', '$3', '$5')}
on conflict do nothing
returning (select h.inbox from ${t.sessions} h where h.scope = $1 and h.session_id = $2)`,
  );
}
