// Would catch: a store that leaves something on a connection and looks for it there, where a pooler gives each transaction another.
import { createPgAdapter, PostgresMigrations } from '@helix-agents/store-postgres';
import pg from 'pg';
import { afterAll, expect, it } from 'vitest';
import type { Way } from './access.ts';
import { lateStatementSuite } from './late-statement-suite.ts';
import { processSuite } from './process-suite.ts';
import { storeSuites } from './store-suites.ts';
import { testServer } from './test-database.ts';
import { TransactionPooler } from './transaction-pooler.ts';

const openDatabase = testServer();
const poolers: TransactionPooler[] = [];
afterAll(async () => {
  for (const pooler of poolers) await pooler.close();
});

/** Two connections of the server for all processes together. */
async function open() {
  const database = await openDatabase({ migrate: false });
  const pooler = await TransactionPooler.to(database.connectionString, 2);
  poolers.push(pooler);
  const way: Way = { driver: 'pg-pooled', connectionString: pooler.connectionString };
  const pool = new pg.Pool({ connectionString: way.connectionString });
  const port = createPgAdapter(pool);
  await Promise.all(Array.from({ length: 5 }, () => new PostgresMigrations(port).run()));
  await pool.end();
  return { database, way, pooler };
}

async function client({ connectionString }: TransactionPooler): Promise<pg.Client> {
  const opened = new pg.Client({ connectionString });
  await opened.connect();
  return opened;
}

it('this pooler is one: a client has a connection for a transaction, and no longer', async () => {
  const { pooler } = await open();
  const [one, other, third] = await Promise.all([client(pooler), client(pooler), client(pooler)]);
  const backendOf = async (who: pg.Client) => (await who.query('select pg_backend_pid() as pid')).rows[0].pid;
  expect(await backendOf(one)).not.toBe(await backendOf(one));
  await one.query('begin');
  await other.query('begin');
  expect(await backendOf(one)).toBe(await backendOf(one));
  const waits = backendOf(third);
  const left = await backendOf(other);
  await other.query('commit');
  expect(await waits).toBe(left);
  await one.query('commit');
  for (const each of [one, other, third]) await each.end();
});

storeSuites('Postgres behind a transaction pooler', open);
processSuite('a transaction pooler', open, { takenUpWithinMs: 30_000 });
lateStatementSuite('a transaction pooler', open);
