// Would catch: a restart of the database that costs what was in flight, or gives sessions of a process that lives to another one.
import { defineAgent, defineTool, withoutTypes, type Agent } from '@helix-agents/core';
import { MockLLMAdapter } from '@helix-agents/core/testing';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import { createPgAdapter, PostgresMigrations } from '@helix-agents/store-postgres';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { openStores } from './database.ts';
import { RestartablePostgres } from './restartable-postgres.ts';

let dataDir: string;
let server: RestartablePostgres;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'helix-restart-'));
  server = await RestartablePostgres.start(dataDir);
  const stores = openStores(server.connectionString);
  await new PostgresMigrations(createPgAdapter(stores.pool)).run();
  await stores.close();
});

afterAll(async () => {
  await server?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

/** A process that also takes up what others leave. */
function newProcess(agent: Agent) {
  const stores = openStores(server.connectionString);
  const model = new MockLLMAdapter([
    { type: 'tool_calls', toolCalls: [{ id: 'call', name: 'charge', arguments: {} }] },
    { type: 'text', content: 'charged' },
  ]);
  const executor = new JSAgentExecutor(stores.store, stores.streams, model);
  const stop = new AbortController();
  const recovery = executor.startRecovery({ agents: [agent], abortSignal: stop.signal });
  const close = async () => {
    stop.abort();
    await recovery;
    await executor.close();
    await stores.close();
  };
  return { executor, store: stores.store, close };
}

it('a body that runs while the database restarts keeps its result, and its run its owner', async () => {
  const [began, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let bodies = 0;
  const charge = defineTool({
    name: 'charge',
    description: 'Charges the card',
    inputSchema: z.object({}),
    execute: async (_, { abortSignal }) => {
      bodies += 1;
      began.resolve();
      await ended.promise;
      return { paid: true, wasCut: abortSignal.aborted };
    },
  });
  const agent = withoutTypes(defineAgent({ name: 'cashier', systemPrompt: '', tools: [charge] }));
  const processes = [newProcess(agent), newProcess(agent)] as const;
  try {
    const handle = await processes[0].executor.execute(agent, 'Charge it', { sessionId: 'restart' });
    await began.promise;
    // All connections end, and no lock is left.
    await server.restart('fast');
    // At once, when the owner may not have its lock back yet.
    const { store } = processes[1];
    await store.openHolder({ holderId: 'another', leaseMs: 30_000 });
    const due = { holderId: 'another', runtime: 'js', agentTypes: ['cashier'], limit: 10 };
    expect(await store.claimDue(due)).toEqual([]);
    ended.resolve();
    expect(await handle.result()).toMatchObject({ status: 'completed', output: 'charged' });
    const session = await processes[0].store.load('restart');
    const parts = (await processes[0].store.messagesAfter('restart', 0)).flatMap((message) => message.parts);
    expect(parts.find(({ type }) => type === 'tool-result')).toMatchObject({
      outcome: { type: 'result', value: { paid: true, wasCut: false } },
    });
    expect([bodies, session?.epoch, session?.run?.takeovers]).toEqual([1, 1, 0]);
  } finally {
    await Promise.all(processes.map((process) => process.close()));
  }
});
