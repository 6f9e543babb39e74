// Would catch: a process that starts over a database in which nothing can be kept, and says so nowhere but in its log, for ever.
import { defineAgent } from '@helix-agents/core';
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
  await expect(executor.startRecovery({ agents: [agent], abortSignal })).rejects.toMatchObject(refusal);
  await expect(executor.execute(agent, 'Hi')).rejects.toMatchObject(refusal);
  if (refusal === denied) await expect(new PostgresMigrations(port).run()).rejects.toMatchObject(denied);
  await executor.close();
  await store.close();
  streams.close();
});
