import type { Clock } from '@helix-agents/core';
import type { Database } from './database.ts';
import { sql, type Sql } from './sql.ts';
import type { Tables } from './tables.ts';

/** How often, and how long in all, statements are waited for: as long as one may take where nobody says otherwise. */
const pauseMs = 10;
const maxPauses = 500;

/** Waits until all who write to a table at this moment are through: who begins later sees what was removed before. */
export async function untilWritersAreThrough(
  { database, tables, clock }: { readonly database: Database; readonly tables: Tables; readonly clock: Clock },
  table: 'sessionLog' | 'streamLog',
): Promise<void> {
  const statement = writersOf(tables, table);
  const writers = async (among: readonly string[] | null) => {
    const rows = await database.repeatable<{ writer: string }>(statement, [among]);
    return rows.map(({ writer }) => writer);
  };
  let left = await writers(null);
  for (let pauses = 0; left.length > 0 && pauses < maxPauses; pauses += 1) {
    await clock.sleep(pauseMs);
    left = await writers(left);
  }
}

/**
 * Who writes to a table at this moment: a statement holds its lock on the table from before it looks until it is through.
 *
 * $1 those to look for; null: all
 */
function writersOf(t: Tables, table: 'sessionLog' | 'streamLog'): Sql {
  return sql(
    t,
    `writers_of_${table}`,
    `select virtualtransaction as writer from pg_locks
where locktype = 'relation' and relation = '${t[table]}'::regclass and mode = 'RowExclusiveLock'
  and database = (select oid from pg_database where datname = current_database()) and pid <> pg_backend_pid()
  and ($1::text[] is null or virtualtransaction = any($1))`,
  );
}
