import type { Tables } from '../../database/tables.ts';

/**
 * When others may take the sessions of a holder: unix ms, in the past for one that is gone. `o` is the row of its name, $1 the
 * scope, $2 the grace in ms. A lock that can be taken has nobody to hold it any more: its process is dead. It is tried only where
 * the clock does not say so already, and let go with the statement. A server that starts anew has no locks, and for some seconds
 * this proves nothing of a holder of whom it has not heard since.
 */
export function freeAt(t: Tables): string {
  return `coalesce((
  select case
    when lease_until + $2::float8 * interval '1 ms' <= clock_timestamp() then 0
    when ${notHeardSinceStart} then ${byClock}
    when lock_key is not null and pg_try_advisory_xact_lock(lock_key) then 0
    else ${byClock}
  end
  from ${t.holders} where scope = $1 and holder_id = o.holder_id
), 0)::float8`;
}

const byClock = `extract(epoch from lease_until) * 1000 + $2::float8`;
const notHeardSinceStart = `lease_until - lease_ms * interval '1 ms' < pg_postmaster_start_time()
      and clock_timestamp() < pg_postmaster_start_time() + interval '15 s'`;

/**
 * What ends the lease of holders whose lock was seen free, in the statement that saw it: one that lives gets its lock back where only
 * its connection was lost, and must not go on as if nobody had taken anything. $1 scope
 */
export function endLeases(t: Tables, holders: string): string {
  return `update ${t.holders} set lease_until = '-infinity'
  where scope = $1 and holder_id in (${holders}) and lease_until > '-infinity'`;
}

/**
 * The holders that own sessions, each with when it is free: one look-up in the index for each owner, however many sessions. A
 * recursive common table; materialised, so that each lock is tried once.
 */
export function ownersWithFreeAt(t: Tables): string {
  return `owners (holder_id) as (
  (select holder_id from ${t.sessions} where scope = $1 and holder_id is not null order by holder_id limit 1)
  union all
  select (
    select s.holder_id from ${t.sessions} s
    where s.scope = $1 and s.holder_id is not null and s.holder_id > o.holder_id order by s.holder_id limit 1
  ) from owners o where o.holder_id is not null
), owned as materialized (
  select o.holder_id, ${freeAt(t)} as free_at from owners o where o.holder_id is not null
)`;
}
