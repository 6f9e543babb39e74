// Would catch: a process that starts over a database in which nothing can be kept, and says so nowhere but in its log, for ever; a run
// that ends because its database is away for a moment, as one that is restored.
import { defineAgent, type StepResult } from '@helix-agents/core';
import { MockLLMAdapter } from '@helix-agents/core/testing';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import {
  createPgAdapter,
  PostgresMigrations,
  PostgresStateStore,
  PostgresStreamManager,
} from '@helix-agents/store-postgres';
import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { testServer } from './test-database.ts';

const open = testServer();
const agent = defineAgent({ name: 'guide', systemPrompt: '' });

async function portOf(change: (url: URL) => void) {
  const { connectionString } = await open({ migrate: false });
  const url = new URL(connectionString);
  change(url);
  const pool = new pg.Pool({ connectionString: url.href });
  onTestFinished(() => pool.end());
  return createPgAdapter(pool);
}

const denied = { code: 'state_store_denied', retryable: false };
const unmigrated = {
  code: 'state_schema_mismatch',
  message: expect.stringContaining('new PostgresMigrations(port).run()') as string,
};

it.each([
  ['that has no tables', () => {}, unmigrated],
  ['that is not there', (url: URL) => (url.pathname = '/nowhere'), denied],
  ['whose password is another', (url: URL) => (url.password = 'wrong'), denied],
])('recovery and entries over a database %s are refused at once', async (_, change, refusal) => {
  const port = await portOf(change);
  const [store, streams] = [new PostgresStateStore({ port }), new PostgresStreamManager({ port })];
  const executor = new JSAgentExecutor(store, streams, new MockLLMAdapter([]));
  const { signal: abortSignal } = new AbortController();
  await expect(executor.startRecovery({ agents: { [agent.name]: agent }, abortSignal })).rejects.toMatchObject(refusal);
  await expect(executor.execute(agent, 'Hi')).rejects.toMatchObject(refusal);
  await executor.close();
  await store.close();
  streams.close();
});

it('a role that may not touch the tables is refused at once, and needs no more than to read and write their rows', async () => {
  const { connectionString, pool: owner } = await open();
  await owner.query(`create role plain login password 'one'`);
  const url = new URL(connectionString);
  [url.username, url.password] = ['plain', 'one'];
  const pool = new pg.Pool({ connectionString: url.href });
  onTestFinished(() => pool.end());
  const port = createPgAdapter(pool);
  const [store, streams] = [new PostgresStateStore({ port }), new PostgresStreamManager({ port })];
  const executor = new JSAgentExecutor(store, streams, new MockLLMAdapter([{ type: 'text', content: 'Done.' }]));
  const ended = new AbortController();
  const recover = () => executor.startRecovery({ agents: { [agent.name]: agent }, abortSignal: ended.signal });
  await expect(recover()).rejects.toMatchObject(denied);
  await expect(executor.execute(agent, 'Hi')).rejects.toMatchObject(denied);
  await expect(new PostgresMigrations(port).run()).rejects.toMatchObject(denied);
  await owner.query('grant usage on schema helix to plain');
  await owner.query('grant select, insert, update, delete on all tables in schema helix to plain');
  await new PostgresMigrations(port).run();
  const recovery = recover();
  const handle = await executor.execute(agent, 'Hi', { sessionId: 'session' });
  expect(await handle.result()).toMatchObject({ status: 'completed', output: 'Done.' });
  const types: string[] = [];
  for await (const { type } of (await handle.stream({ after: 0 }))!) types.push(type);
  expect(types.at(-1)).toBe('output');
  await store.deleteSession('session');
  ended.abort();
  await recovery;
  await executor.close();
  await store.close();
  streams.close();
});

it('migrations of a database that is not there are refused as that', async () => {
  const port = await portOf((url) => (url.pathname = '/nowhere'));
  await expect(new PostgresMigrations(port).run()).rejects.toMatchObject(denied);
});

it('a run that is under way outlasts its database being put away and brought back', { timeout: 60_000 }, async () => {
  const [{ connectionString }, { pool: admin }] = [await open(), await open({ migrate: false })];
  const name = new URL(connectionString).pathname.slice(1);
  const pool = new pg.Pool({ connectionString });
  const port = createPgAdapter(pool);
  const [store, streams] = [new PostgresStateStore({ port }), new PostgresStreamManager({ port })];
  const logged: unknown[] = [];
  const log = (_level: string, _message: string, fields?: object) => logged.push(fields);
  const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<StepResult>()];
  const model = new MockLLMAdapter([() => (asked.resolve(), answer.promise)]);
  const executor = new JSAgentExecutor(store, streams, model, { logger: { log } });
  const handle = await executor.execute(agent, 'Hi');
  await asked.promise;
  await admin.query(`alter database "${name}" allow_connections false`);
  await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
  // Waits for the connections to end.
  await admin.query(`alter database "${name}" rename to away`);
  answer.resolve({ type: 'text', content: 'Written down.' });
  await expect.poll(() => JSON.stringify(logged), { timeout: 20_000 }).toContain('state_store_denied');
  await admin.query(`alter database away rename to "${name}"`);
  await admin.query(`alter database "${name}" allow_connections true`);
  expect(await handle.result()).toMatchObject({ status: 'completed', output: 'Written down.' });
  await executor.close();
  await store.close();
  streams.close();
  await pool.end();
});
