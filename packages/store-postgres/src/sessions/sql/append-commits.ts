import { batchMembers, type MemberColumns } from '../../batching/batch-members.ts';
import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

/** Of each member, in the order of the parameters of a commit that goes alone. */
const columns = {
  session_id: 'text',
  version: 'int',
  epoch: 'int',
  token: 'text',
  added: 'int',
  body: 'json',
  messages: 'json',
  snapshot: 'json',
  inbox: 'int',
  last_token: 'text',
} as const satisfies MemberColumns;

/**
 * Ordinary commits of `size` sessions in one statement, which fails as a whole where one violates the key. `lateral ... limit 1`
 * pins one look-up in the key for each: planned on an empty table, a join became a scan of the log. Unused places find nothing.
 */
export function appendCommits(t: Tables, size: number): Sql {
  return sql(t, `append_commits_${size}`, statement(t, size, ''));
}

/** The same, where those that violate the key are passed over. It costs more. */
export function appendThoseThatFit(t: Tables, size: number): Sql {
  return sql(t, `append_commits_that_fit_${size}`, statement(t, size, 'on conflict do nothing'));
}

function statement(t: Tables, size: number, onConflict: string): string {
  return `insert into ${t.sessionLog}
  (scope, session_id, version, epoch, token, message_count, body, messages, snapshot, snapshot_inbox)
select $1, i.session_id, p.version + 1, p.epoch, i.token, p.message_count + i.added, i.body, i.messages, i.snapshot, i.inbox
from ${batchMembers(columns, size)}
cross join lateral (
  select l.version, l.epoch, l.message_count from ${t.sessionLog} l
  where l.scope = $1 and l.session_id = i.session_id and l.version = i.version and l.epoch = i.epoch
    and l.token = i.last_token limit 1
) p
${onConflict}
returning session_id as key,
  (select h.inbox from ${t.sessions} h where h.scope = $1 and h.session_id = session_log.session_id) as answer`;
}
