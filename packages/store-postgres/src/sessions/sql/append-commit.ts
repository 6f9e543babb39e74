import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

/**
 * An ordinary commit: compare-and-append. The row of version n + 1 goes only on top of that version n of the same epoch which its
 * writer knows, and the key lets one in. No row back, or a violated key: refused, or here before; a second statement says which.
 * `on conflict` would say the same without an error, but it writes each row in two steps, and rows that meet another are rare.
 *
 * $1 scope, $2 session, $3 version, $4 epoch, $5 token, $6 messages added, $7 body, $8 messages, $9 snapshot, $10 its inbox,
 * $11 token of the row that it goes on
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
  and p.token = $11
returning (select h.inbox from ${t.sessions} h where h.scope = $1 and h.session_id = $2) as answer`,
  );
}
