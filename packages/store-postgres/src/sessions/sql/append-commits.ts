import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

/**
 * Parameters of one member, after the scope: session, version, epoch, token, messages added, body, messages, snapshot, its inbox,
 * token of the row that it goes on.
 */
export const parametersOfMember = 10;

/**
 * Ordinary commits of `size` sessions in one statement, which fails as a whole where one violates the key. `lateral ... limit 1`
 * pins one look-up in the key for each: planned on an empty table, a join became a scan of the log. Unused places are null and
 * find nothing.
 */
export function appendCommits(t: Tables, size: number): Sql {
  return sql(t, `append_commits_${size}`, statement(t, size, ''));
}

/** The same, where those that violate the key are passed over. It costs more. */
export function appendThoseThatFit(t: Tables, size: number): Sql {
  return sql(t, `append_commits_that_fit_${size}`, statement(t, size, 'on conflict do nothing'));
}

function statement(t: Tables, size: number, onConflict: string): string {
  const members = Array.from({ length: size }, (_, index) => member(2 + index * parametersOfMember));
  return `insert into ${t.sessionLog}
  (scope, session_id, version, epoch, token, message_count, body, messages, snapshot, snapshot_inbox)
select $1, i.session_id, p.version + 1, p.epoch, i.token, p.message_count + i.added, i.body, i.messages, i.snapshot, i.inbox
from (values ${members.join(', ')})
  as i (session_id, version, epoch, token, added, body, messages, snapshot, inbox, last_token)
cross join lateral (
  select l.version, l.epoch, l.message_count from ${t.sessionLog} l
  where l.scope = $1 and l.session_id = i.session_id and l.version = i.version and l.epoch = i.epoch
    and l.token = i.last_token limit 1
) p
${onConflict}
returning session_id,
  (select h.inbox from ${t.sessions} h where h.scope = $1 and h.session_id = session_log.session_id)`;
}

function member(from: number): string {
  const types = ['text', 'int', 'int', 'text', 'int', 'json', 'json', 'json', 'int', 'text'];
  return `(${types.map((type, index) => `$${from + index}::${type}`).join(', ')})`;
}
