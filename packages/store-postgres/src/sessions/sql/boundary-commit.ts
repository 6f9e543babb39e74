import { dueAt } from '../../database/now-ms.ts';
import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

/** What a boundary commit does to runs. */
export interface RunsAtBoundary {
  /** A run ends, and its record is kept. */
  readonly ends: boolean;
  /** A run begins: then no call of the one before is open any more. */
  readonly begins: boolean;
}

/** What a commit does while somebody has the lock on its head: nothing, so that it comes again, or wait for its turn. */
export type WhereLocked = 'skip' | 'wait';

/**
 * A commit that also writes the head, and holds only while the head stands as it was read. The lock on the head puts it before or
 * after each outsider's write. The log comes first: what it refuses changes no head. A part that it does not need would cost it some
 * 7 % of its time.
 *
 * $1 scope, $2 session, $3 version, $4 epoch before, $5 epoch after, $6 token, $7 messages added, $8 body, $9 messages,
 * $10 snapshot, $11 its inbox, $12 inbox that was read (or null), $13 run before, $14 run, $15 phase, $16 holder, $17 wake-at
 * (0: now), $18 updated-at, $19 token of the row that it goes on, $20 record of the run that this ends, where it ends one
 */
export function boundaryCommit(t: Tables, { ends, begins }: RunsAtBoundary, whereLocked: WhereLocked): Sql {
  const keepRun = `, ended as (
  insert into ${t.sessionRuns} (scope, session_id, version, run) select $1, $2, log.version, $20::json from log
)`;
  const forgetCalls = `, forgotten as (
  delete from ${t.sessionCalls} c using log where c.scope = $1 and c.session_id = $2
)`;
  return sql(
    t,
    `boundary_commit${whereLocked === 'wait' ? '_waits' : ''}${ends ? '_ends' : ''}${begins ? '_begins' : ''}`,
    `with log as (
  insert into ${t.sessionLog}
    (scope, session_id, version, epoch, token, message_count, body, messages, snapshot, snapshot_inbox)
  select h.scope, h.session_id, p.version + 1, $5, $6, p.message_count + $7, $8, $9, $10, $11
  from ${t.sessions} h
  join ${t.sessionLog} p
    on p.scope = h.scope and p.session_id = h.session_id and p.version = $3 and p.epoch = h.epoch
  where h.scope = $1 and h.session_id = $2 and h.epoch = $4 and h.inbox = coalesce($12, h.inbox)
    and h.run_id is not distinct from $13 and p.token = $19
  for update of h${whereLocked === 'skip' ? ' skip locked' : ''}
  on conflict do nothing
  returning version
), head as (
  update ${t.sessions} h
  set epoch = $5, run_id = $14, phase = $15, holder_id = $16, updated_at = $18,
    wake_at = ${dueAt('$17::bigint')}
  from log where h.scope = $1 and h.session_id = $2
  returning h.inbox
)${ends ? keepRun : ''}${begins ? forgetCalls : ''}
select inbox as answer from head`,
  );
}
