// Would catch: a statement that we gave up and that waits on in the server, one more with each repeat, until the server has no
// connection left; or that has its effect long after.
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { testServer, type TestDatabase } from '../../test/test-database.ts';
import { createPgAdapter } from './pg-adapter.ts';

const open = testServer();
const pools: pg.Pool[] = [];
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.end();
});

const insert = { name: 'insert', text: 'insert into t values ($1)', values: [1], timeoutMs: 200 };

/** A table that somebody else has locked. */
async function lockedTable() {
  const database = await open({ migrate: false });
  await database.query('create table t (a int)');
  const locker = await database.pool.connect();
  await locker.query('begin; lock table t in access exclusive mode');
  const unlock = async () => {
    await locker.query('rollback');
    locker.release();
  };
  return { database, unlock };
}

function portOf({ connectionString }: TestDatabase, options: pg.PoolConfig = {}) {
  const pool = new pg.Pool({ connectionString, max: 4, ...options });
  pools.push(pool);
  return createPgAdapter(pool);
}

/** What of ours the server still runs. */
async function running(database: TestDatabase): Promise<number> {
  const [row] = await database.query<{ n: number }>(
    `select count(*)::int as n from pg_stat_activity
    where datname = current_database() and state = 'active' and pid <> pg_backend_pid()`,
  );
  return row!.n;
}

test.each([
  ['ours', {}, 'no answer in 200 ms'],
  ['the one of the application', { query_timeout: 100 }, 'Query read timeout'],
])(
  'a statement whose time is over, by %s, ends in the server, and has no effect later',
  async (_, options, message) => {
    const { database, unlock } = await lockedTable();
    const port = portOf(database, options);
    for (let repeat = 0; repeat < 3; repeat += 1) await expect(port.query(insert)).rejects.toThrow(message);
    await expect.poll(() => running(database)).toBe(0);
    await unlock();
    expect(await database.query('select count(*)::int as n from t')).toEqual([{ n: 0 }]);
  },
);

test('on a connection of its own the next statement is not cancelled with the one before', async () => {
  const { database, unlock } = await lockedTable();
  const session = await portOf(database).session?.(() => {});
  await expect(session?.query(insert)).rejects.toThrow('timeout');
  expect(await session?.query({ text: 'select 1 as a', values: [], timeoutMs: 5_000 })).toMatchObject({
    rows: [{ a: 1 }],
  });
  expect(await running(database)).toBe(0);
  await unlock();
  await session?.close();
});
