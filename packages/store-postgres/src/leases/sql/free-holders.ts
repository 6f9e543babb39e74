import type { Tables } from '../../database/tables.ts';

/**
 * How long a holder whose lock was seen free has to take it again. Its process is dead, or only lost the connection: who lives is
 * told so, and asks for the lock at once.
 */
export const regainMs = 500;

/**
 * When others may take the sessions of a holder: unix ms, in the past for one that is gone. `o` is the row of its name, $1 the
 * scope, $2 the grace in ms, $3 the one of a server that starts anew. A lock that can be taken has nobody to hold it any more: its
 * lease ends soon, and without the grace. It is tried only where the clock does not say so already, and let go with the statement.
 */
export function freeAt(t: Tables): string {
  return `coalesce((
  select case
    when lease_until + $2::float8 * interval '1 ms' <= clock_timestamp() then 0
    when lock_key is not null and pg_try_advisory_xact_lock(lock_key)
      then extract(epoch from least(lease_until, clock_timestamp() + ${regainInterval}))
    else extract(epoch from lease_until) + $2::float8 / 1000
  end * 1000
  from ${t.holders} where scope = $1 and holder_id = o.holder_id
), 0)::float8`;
}

/** A server that starts anew has no locks: those of whom it has not heard since have a while to come back. */
const regainInterval = `greatest(
        interval '${regainMs} ms',
        case when lease_until - lease_ms * interval '1 ms' < pg_postmaster_start_time()
          then pg_postmaster_start_time() + $3::float8 * interval '1 ms' - clock_timestamp() end
      )`;

/**
 * Shortens the lease of holders whose lock is free. One that lives, and has its lock again in time, extends it; a row that somebody
 * else shortens at this moment is left to him.
 *
 * @param holders has `holder_id` and `free_at`
 */
export function shortenLeases(t: Tables, holders: string): string {
  return `update ${t.holders} set lease_until = to_timestamp(f.free_at / 1000) from ${holders} f
  where scope = $1 and ${t.holders}.holder_id = f.holder_id and f.free_at > 0 and f.holder_id in (
    select h.holder_id from ${t.holders} h join ${holders} f using (holder_id)
    where h.scope = $1 and f.free_at < extract(epoch from h.lease_until)::float8 * 1000 for update of h skip locked
  )`;
}

/**
 * What ends the lease of holders of whom a session is taken, in the statement that takes it: one that lives may have its lock again,
 * and must not go on as if nobody had taken anything. $1 scope
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
