import { batchMembers, type MemberColumns } from '../../batching/batch-members.ts';
import { dueAt } from '../../database/now-ms.ts';
import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';
import type { RunsAtBoundary } from './boundary-commit.ts';

/** Of each member, in the order of the parameters of a commit that goes alone. */
const columns = {
  session_id: 'text',
  version: 'int',
  epoch_before: 'int',
  epoch: 'int',
  token: 'text',
  added: 'int',
  body: 'json',
  messages: 'json',
  snapshot: 'json',
  snapshot_inbox: 'int',
  seen_inbox: 'int',
  run_before: 'text',
  run_id: 'text',
  phase: 'text',
  holder_id: 'text',
  wake_at: 'bigint',
  updated_at: 'bigint',
  last_token: 'text',
  ended_run: 'json',
  begins: 'boolean',
} as const satisfies MemberColumns;

/** What commits at a boundary do that leave together. */
export interface BoundaryBatch extends RunsAtBoundary {
  readonly size: number;
}

/**
 * Commits at a boundary of `size` sessions in one statement, of which some end a run, or begin one; each as it would be alone: none waits for a head that somebody else has
 * locked. The look-up of a head is pinned to its key for each. Heads are written as rows that exist already, which the key finds: an
 * update that joins read the whole table where it was planned while that was small.
 */
export function boundaryCommits(t: Tables, { ends, begins, size }: BoundaryBatch): Sql {
  const keepRuns = `, ended as (
  insert into ${t.sessionRuns} (scope, session_id, version, run)
  select $1, session_id, log.version, ended_run from i join log using (session_id) where ended_run is not null
)`;
  const forgetCalls = `, forgotten as (
  delete from ${t.sessionCalls} c
  where c.scope = $1 and c.session_id = any (array(select session_id from i join log using (session_id) where begins))
)`;
  return sql(
    t,
    `boundaries${ends ? '_end' : ''}${begins ? '_begin' : ''}_${size}`,
    `with i as (
  select * from ${batchMembers(columns, size)}
), log as (
  insert into ${t.sessionLog}
    (scope, session_id, version, epoch, token, message_count, body, messages, snapshot, snapshot_inbox)
  select $1, i.session_id, b.version + 1, i.epoch, i.token, b.message_count + i.added, i.body, i.messages,
    i.snapshot, i.snapshot_inbox
  from i
  cross join lateral (
    select p.version, p.message_count
    from ${t.sessions} h
    join ${t.sessionLog} p
      on p.scope = h.scope and p.session_id = h.session_id and p.version = i.version and p.epoch = h.epoch
    where h.scope = $1 and h.session_id = i.session_id and h.epoch = i.epoch_before
      and h.inbox = coalesce(i.seen_inbox, h.inbox) and h.run_id is not distinct from i.run_before
      and p.token = i.last_token
    limit 1
    for update of h skip locked
  ) b
  on conflict do nothing
  returning session_id, version
), head as (
  insert into ${t.sessions} as h
    (scope, session_id, epoch, run_id, phase, holder_id, wake_at, updated_at, runtime, agent_type)
  select $1, session_id, i.epoch, i.run_id, i.phase, i.holder_id,
    ${dueAt('i.wake_at')},
    i.updated_at, '', ''
  from i join log using (session_id)
  on conflict (scope, session_id) do update
  set epoch = excluded.epoch, run_id = excluded.run_id, phase = excluded.phase, holder_id = excluded.holder_id,
    wake_at = excluded.wake_at, updated_at = excluded.updated_at
  returning h.session_id, h.inbox
)${ends ? keepRuns : ''}${begins ? forgetCalls : ''}
select session_id as key, inbox as answer from head`,
  );
}
