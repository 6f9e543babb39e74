// Would catch: a store that leaves something on a connection and looks for it there, where a pooler gives each transaction another.
import type { StreamChunk } from '@helix-agents/core';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import {
  createPgAdapter,
  PostgresMigrations,
  PostgresStateStore,
  PostgresStreamManager,
} from '@helix-agents/store-postgres';
import pg from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { openAccess, type Way } from './access.ts';
import { lateStatementSuite } from './late-statement-suite.ts';
import { processSuite } from './process-suite.ts';
import { storeSuites } from './store-suites.ts';
import { talker, talkerModel } from './talker.ts';
import { testServer } from './test-database.ts';
import { TransactionPooler } from './transaction-pooler.ts';

const openDatabase = testServer();
const token = { runId: 'run_1', epoch: 1, attempt: 1 };
const said = (delta: string): StreamChunk => ({
  type: 'text_delta',
  runId: 'run_1',
  agentId: 'run_1',
  agentType: 'talker',
  timestamp: 0,
  step: 1,
  attempt: 1,
  delta,
});

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

describe('who is not told of the pooler', () => {
  async function untold() {
    const { way } = await open();
    const pool = new pg.Pool({ connectionString: way.connectionString });
    const options = { port: createPgAdapter(pool), pollMs: 20 };
    const close = () => pool.end();
    return { way, options, close };
  }

  it('is refused what needs a connection of its own, before anything is written, and is told what to give the stores', async () => {
    const { options, close } = await untold();
    const store = new PostgresStateStore(options);
    const executor = new JSAgentExecutor(
      store,
      new PostgresStreamManager(options),
      talkerModel(async () => {}),
    );
    const agent = talker(() => {});
    const refusal = {
      code: 'state_store_unsuitable',
      message: expect.stringContaining('give both stores { prepared: false, poll: true }'),
    };
    await expect(executor.execute(agent, 'Hi', { sessionId: 'refused' })).rejects.toMatchObject(refusal);
    const abortSignal = AbortSignal.timeout(5_000);
    const recovery = executor.startRecovery({ agents: { [agent.name]: agent }, abortSignal });
    await expect(recovery).rejects.toMatchObject(refusal);
    expect(await store.head('refused')).toBeNull();
    await executor.close();
    await store.close();
    await close();
  });

  it('hears what others write all the same', async () => {
    const { way, options, close } = await untold();
    const reader = new PostgresStreamManager(options);
    let calls = 0;
    const stop = reader.watch('stream', () => (calls += 1));
    await expect.poll(() => calls, { timeout: 10_000 }).toBeGreaterThan(0);
    const access = openAccess(way);
    const writer = await new PostgresStreamManager(access.options).openWriter('stream', token);
    await writer.append(1, [said('news')]);
    calls = 0;
    await expect.poll(() => calls, { timeout: 10_000 }).toBeGreaterThan(0);
    stop();
    reader.close();
    await access.close();
    await close();
  });
});

storeSuites('Postgres behind a transaction pooler', open);
processSuite('a transaction pooler', open, { takenUpWithinMs: 30_000 });
lateStatementSuite('a transaction pooler', open);
