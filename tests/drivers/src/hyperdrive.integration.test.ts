// Would catch: a store that needs what a Worker has not, or more of its connection than Hyperdrive gives.
import { streamIdOf } from '@helix-agents/core';
import { createPgAdapter, PostgresStateStore, PostgresStreamManager } from '@helix-agents/store-postgres';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { testServer } from './test-database.ts';
import { TransactionPooler } from './transaction-pooler.ts';
import { startWorkerd } from './workerd.ts';

const openDatabase = testServer();
const source = fileURLToPath(new URL('./hyperdrive-worker.ts', import.meta.url));

it('agents run in Workers at once, each turn in a request, over Hyperdrive that pools transactions', async () => {
  const { connectionString, pool } = await openDatabase();
  const pooler = await TransactionPooler.to(connectionString, 2);
  onTestFinished(() => pooler.close());
  const workers = await startWorkerd(source, pooler.connectionString);
  onTestFinished(() => workers.close());
  const turn = async (sessionId: string, text: string) => {
    const response = await fetch(`${workers.url}/${sessionId}`, { method: 'POST', body: text });
    return response.json();
  };

  const sessions = ['one', 'two', 'three'];
  const said = { status: 'completed', output: 'half whole' };
  expect(await Promise.all(sessions.map((id) => turn(id, 'Go')))).toMatchObject([said, said, said]);
  expect(await Promise.all(sessions.map((id) => turn(id, 'Again')))).toMatchObject([said, said, said]);

  const port = createPgAdapter(pool);
  const store = new PostgresStateStore({ port });
  const streams = new PostgresStreamManager({ port });
  for (const id of sessions) {
    const roles = (await store.messagesAfter(id, 0)).map(({ role }) => role);
    expect(roles).toEqual(['user', 'assistant', 'tool', 'assistant', 'user', 'assistant']);
    const { chunks } = await streams.read(streamIdOf((await store.load(id))!), 0);
    expect(chunks.filter(({ chunk }) => chunk.type === 'output')).toHaveLength(2);
  }
  await store.close();
  streams.close();
});
