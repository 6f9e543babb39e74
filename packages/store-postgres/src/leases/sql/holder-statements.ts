import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

/** $1 what the lock is named after */
export function releaseLock(t: Tables): Sql {
  return sql(t, 'release_lock', `select pg_advisory_unlock(hashtextextended($1, 0))`);
}

/**
 * Rows of holders that ended long ago: a process that is killed leaves its row, and who has none is as free as who has an old one.
 * Rows that another process removes at this moment are left to it.
 */
const forgotten = (t: Tables) => `forgotten as (
  delete from ${t.holders} where scope = $1 and holder_id in (
    select holder_id from ${t.holders} where scope = $1 and lease_until < clock_timestamp() - interval '1 day'
    limit 100 for update skip locked
  )
)`;

/**
 * The row of a holder, and its advisory lock, which is waited for first and kept by the connection. Forgets holders of old. Answers
 * the process of the server that has the lock.
 *
 * $1 scope, $2 holder, $3 lease in ms, $4 what its lock is named after
 */
export function openLockedHolder(t: Tables): Sql {
  return sql(
    t,
    'open_locked_holder',
    `with locked as materialized (select pg_advisory_lock(hashtextextended($4, 0))), ${forgotten(t)}
insert into ${t.holders} (scope, holder_id, lease_ms, lease_until, lock_key)
select ${holderValues} from locked
${orReplace}
returning pg_backend_pid() as backend`,
  );
}

/** As above, of a holder whose connection has the lock already, or that has none. $1 to $4 likewise; no lock: null */
export function openHolder(t: Tables): Sql {
  return sql(
    t,
    'open_holder',
    `with ${forgotten(t)}
insert into ${t.holders} (scope, holder_id, lease_ms, lease_until, lock_key)
select ${holderValues}
${orReplace}`,
  );
}

const holderValues = `$1, $2, $3, clock_timestamp() + $3::float8 * interval '1 ms', hashtextextended($4, 0)`;
const orReplace = `on conflict (scope, holder_id) do update
set lease_ms = excluded.lease_ms, lease_until = excluded.lease_until, lock_key = excluded.lock_key`;

/** No row: the lease ended before. $1 scope, $2 holder */
export function renewHolder(t: Tables): Sql {
  return sql(
    t,
    'renew_holder',
    `update ${t.holders} set lease_until = clock_timestamp() + lease_ms * interval '1 ms'
where scope = $1 and holder_id = $2 and lease_until > clock_timestamp()
returning 1`,
  );
}

/**
 * Takes the lock of a holder over another connection than the one that had it. The server may keep that one still, though nobody is
 * behind it: it is ended, and since this one waits for the lock already, nobody sees it free meanwhile. Answers the process of
 * the server that has the lock now.
 *
 * $1 the process that had it, $2 what the lock is named after
 */
export function regainLock(t: Tables): Sql {
  return sql(
    t,
    'regain_lock',
    `with ended as materialized (
  select pg_terminate_backend(pid) from pg_locks
  where locktype = 'advisory' and pid = $1 and objsubid = 1 and (classid::bigint << 32 | objid::bigint) = hashtextextended($2, 0)
)
select pg_advisory_lock(hashtextextended($2, 0)), pg_backend_pid() as backend from (select count(*) from ended) e`,
  );
}

/** Answers whether the holder leaves sessions behind. $1 scope, $2 holder */
export function closeHolder(t: Tables): Sql {
  return sql(
    t,
    'close_holder',
    `with closed as (delete from ${t.holders} where scope = $1 and holder_id = $2)
select exists (select from ${t.sessions} where scope = $1 and holder_id = $2) as leaves`,
  );
}
