// Would catch: connections whose loss costs what was in flight, or gives sessions of a process that lives to another one, which looks
// for them all the time.
import { defineAgent, defineTool, withoutTypes, type Agent } from '@helix-agents/core';
import { MockLLMAdapter } from '@helix-agents/core/testing';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import { createPgAdapter, PostgresMigrations } from '@helix-agents/store-postgres';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { BreakableNetwork } from './breakable-network.ts';
import { openStores } from './database.ts';
import { RestartablePostgres } from './restartable-postgres.ts';

let folder: string;
let server: RestartablePostgres;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'helix-restart-'));
  // Servers before 16 must enter every folder above their data.
  await chmod(folder, 0o711);
  server = await RestartablePostgres.start(join(folder, 'data'));
  const stores = openStores(server.connectionString);
  await new PostgresMigrations(createPgAdapter(stores.pool)).run();
  await stores.close();
});

afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** All connections end, and no lock is left. */
async function restart(): Promise<void> {
  await server.restart('fast');
}

/** One of its processes dies: the server ends all connections and recovers, and this is no new start. */
async function crash(): Promise<void> {
  const client = new pg.Client({ connectionString: server.connectionString });
  client.on('error', () => {});
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const ended = new Promise((resolve) => client.once('end', resolve));
  process.kill(rows[0]!.pid, 'SIGKILL');
  await ended;
}

/** The connections of the process end, and its first try to connect again fails: meanwhile the other one sees its lock free. */
async function reset(network: BreakableNetwork): Promise<void> {
  network.break('reset');
  await sleep(50);
  network.heal();
}

/** A process that also takes up what others leave. */
function newProcess(agent: Agent, connectionString: string) {
  const stores = openStores(connectionString);
  const model = new MockLLMAdapter([
    { type: 'tool_calls', toolCalls: [{ id: 'call', name: 'charge', arguments: {} }] },
    { type: 'text', content: 'charged' },
  ]);
  const executor = new JSAgentExecutor(stores.store, stores.streams, model);
  const stop = new AbortController();
  const recovery = executor.startRecovery({ agents: { [agent.name]: agent }, abortSignal: stop.signal, pollMs: 10 });
  const close = async () => {
    stop.abort();
    await recovery;
    await executor.close();
    await stores.close();
  };
  return { executor, store: stores.store, close };
}

it.each([
  ['the database restarts', restart],
  ['a process of the database crashes', crash],
  ['its connections are reset', reset],
])('a body that runs while %s keeps its result, and its run its owner', { timeout: 30_000 }, async (_name, lose) => {
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
  const network = await BreakableNetwork.to(server.connectionString);
  const processes = [newProcess(agent, network.connectionString), newProcess(agent, server.connectionString)] as const;
  try {
    const sessionId = lose.name;
    const handle = await processes[0].executor.execute(agent, 'Charge it', { sessionId });
    await began.promise;
    await lose(network);
    // Longer than somebody whose lock was seen free has to take it again.
    await sleep(1_500);
    ended.resolve();
    expect(await handle.result()).toMatchObject({ status: 'completed', output: 'charged' });
    const session = await processes[0].store.load(sessionId);
    const parts = (await processes[0].store.messagesAfter(sessionId, 0)).flatMap((message) => message.parts);
    expect(parts.find(({ type }) => type === 'tool-result')).toMatchObject({
      outcome: { type: 'result', value: { paid: true, wasCut: false } },
    });
    expect([bodies, session?.epoch, session?.run?.takeovers]).toEqual([1, 1, 0]);
  } finally {
    await Promise.all(processes.map((process) => process.close()));
    await network.close();
  }
});
