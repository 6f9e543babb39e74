import { nowMs } from '../../database/now-ms.ts';
import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';
import { endLeases, freeAt, ownersWithFreeAt, regainMs, shortenLeases } from './free-holders.ts';

/** In how many ms a holder is free whose lock was seen free, and null for none. `free_at` is of one that is not free yet. */
const soonFreeMs = (from: string) => `(
  select min(free_at) - ${nowMs} from ${from} where free_at > ${nowMs} and free_at <= ${nowMs} + ${regainMs}
)::float8`;

/**
 * Whether a session waits to be claimed: queued or due, or left by its owner, whose lease ends with that; or in how many ms it will
 * be, for all that is known. $1 scope, $2 grace in ms, $3 grace of a new server in ms, $4 session
 */
export function isClaimable(t: Tables): Sql {
  return sql(
    t,
    'is_claimable',
    `with found as materialized (
  select o.phase, o.holder_id, case when o.phase = 'running' then ${freeAt(t)} else o.wake_at end as free_at
  from ${t.sessions} o where o.scope = $1 and o.session_id = $4
), judged as materialized (
  select phase, holder_id, free_at, free_at <= ${nowMs} as claimable from found
), left_behind as (
  select holder_id, free_at, claimable from judged where phase = 'running'
), shortened as (
  ${shortenLeases(t, 'left_behind')}
), ended as (
  ${endLeases(t, `select holder_id from left_behind where claimable`)}
)
select phase, claimable, ${soonFreeMs('left_behind')} as "soonMs" from judged`,
  );
}

/**
 * Claims what is left behind, and what is due, the longest waiting first. What is left behind comes before, since that takes a death and
 * so cannot go on for ever. Sessions that somebody writes to at this moment, or that another process is about to claim, are passed
 * over, and so are the holder's own, also where its lease ended: the claim may be a repeated one. Answers in how many ms there may be
 * more, where a lock was seen free.
 * The log is written in the order of the sessions, as owners write it: one that does not know yet that it was shut out and this would
 * else wait for each other.
 *
 * $1 scope, $2 grace in ms, $3 grace of a new server in ms, $4 runtime, $5 agent types, $6 limit, $7 holder, $8 token, $9 writer's
 * clock, $10 body of a claim, $11 body of a takeover
 */
export function claimDue(t: Tables): Sql {
  return sql(
    t,
    'claim_due',
    `with recursive ${ownersWithFreeAt(t)}, orphans as (
  select scope, session_id, epoch, true as takeover, holder_id from ${t.sessions}
  where scope = $1 and runtime = $4 and agent_type = any($5) and phase = 'running'
    and holder_id in (select holder_id from owned where free_at <= ${nowMs} and holder_id <> $7)
  limit $6 for update skip locked
), due as (
  select scope, session_id, epoch, false as takeover from ${t.sessions}
  where scope = $1 and runtime = $4 and wake_at <= ${nowMs} and agent_type = any($5)
  order by wake_at limit greatest(0, $6 - (select count(*) from orphans)) for update skip locked
), others as (
  select holder_id, free_at from owned where holder_id <> $7
), shortened as (
  ${shortenLeases(t, 'others')}
), ended as (
  ${endLeases(t, `select holder_id from orphans`)}
), log as (
  insert into ${t.sessionLog} (scope, session_id, version, epoch, token, message_count, body)
  select d.scope, d.session_id, p.version + 1, d.epoch + 1, $8, p.message_count,
    case when d.takeover then $11::json else $10::json end
  from (select * from due union all select scope, session_id, epoch, takeover from orphans) d
  cross join lateral (
    select l.version, l.message_count from ${t.sessionLog} l
    where l.scope = d.scope and l.session_id = d.session_id order by l.version desc limit 1
  ) p
  order by d.session_id
  on conflict do nothing
  returning session_id, epoch
), head as (
  update ${t.sessions} h
  set epoch = log.epoch, phase = 'running', holder_id = $7, wake_at = null, updated_at = $9
  from log where h.scope = $1 and h.session_id = log.session_id
)
select ${soonFreeMs('others')} as "soonMs"`,
  );
}

/** The sessions that the claim with this token gave to a holder. $1 scope, $2 holder, $3 token */
export function claimedWith(t: Tables): Sql {
  return sql(
    t,
    'claimed_with',
    `select h.session_id as "sessionId", h.epoch from ${t.sessions} h
cross join lateral (
  select l.token from ${t.sessionLog} l
  where l.scope = h.scope and l.session_id = h.session_id order by l.version desc limit 1
) l
where h.scope = $1 and h.holder_id = $2 and l.token = $3`,
  );
}

/** The sessions that a holder owns. $1 scope, $2 holder */
export function listHeld(t: Tables): Sql {
  return sql(
    t,
    'list_held',
    `select session_id as "sessionId", agent_type as "agentType" from ${t.sessions} where scope = $1 and holder_id = $2`,
  );
}

/**
 * Gives claimed sessions back: nobody owns them, and each is due after its pause. What has another owner by now stays as it is.
 *
 * $1 scope, $2 holder, $3 sessions, $4 the epochs of their claims, $5 pauses in ms
 */
export function giveBack(t: Tables): Sql {
  return sql(
    t,
    'give_back',
    `update ${t.sessions} h set holder_id = null, wake_at = (${nowMs} + g.pause_ms)::bigint
from unnest($3::text[], $4::int[], $5::float8[]) as g (session_id, epoch, pause_ms)
where h.scope = $1 and h.session_id = g.session_id and h.epoch = g.epoch and h.holder_id = $2`,
  );
}
