// Would catch: a run that hangs, or is worked on in vain, because a replica that was behind took over from its server.
import { defineAgent, defineTool, type StepResult } from '@helix-agents/core';
import { MockLLMAdapter } from '@helix-agents/core/testing';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import { createPgAdapter, PostgresStateStore, PostgresStreamManager } from '@helix-agents/store-postgres';
import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { testServer } from './test-database.ts';

const open = testServer();

/** Resolves with what brings the record and the streams back to how they are now; no run has ended yet. */
async function remember(pool: pg.Pool): Promise<() => Promise<void>> {
  const tables = ['sessions', 'session_log', 'stream_log'];
  for (const table of tables) await pool.query(`create table ${table} as table helix.${table}`);
  const back = tables.map((table) => `delete from helix.${table}; insert into helix.${table} table ${table};`);
  return async () => void (await pool.query(`${back.join(' ')} delete from helix.session_runs;`));
}

/** A model whose every answer waits until it is let go. */
class HeldModel extends MockLLMAdapter {
  readonly asked: PromiseWithResolvers<void>[] = [1, 2, 3, 4, 5].map(() => Promise.withResolvers<void>());
  readonly answers: PromiseWithResolvers<StepResult>[] = [1, 2, 3, 4, 5].map(() => Promise.withResolvers<StepResult>());

  constructor() {
    super([0, 1, 2, 3, 4].map((place) => () => (this.asked[place]?.resolve(), this.answers[place]!.promise)));
  }

  /** Answers the call of this place, once it has come. */
  async answer(place: number, reply: StepResult): Promise<void> {
    await this.asked[place]?.promise;
    this.answers[place]?.resolve(reply);
  }
}

const callOf = (id: string) => ({ type: 'tool_calls', toolCalls: [{ id, name: 'work', arguments: {} }] }) as const;
const done = { type: 'text', content: 'Done.' } as const;

/** A process with recovery, what it counts, and another process over the same database. */
async function openProcesses() {
  const { pool, connectionString } = await open();
  const counted = { bodies: 0 };
  const work = defineTool({
    name: 'work',
    description: 'Works.',
    inputSchema: z.object({}),
    execute: () => (counted.bodies += 1),
  });
  const agent = defineAgent({ name: 'worker', systemPrompt: '', tools: [work] });
  const model = new HeldModel();
  const openExecutor = () => {
    const own = new pg.Pool({ connectionString });
    const port = createPgAdapter(own);
    const [store, streams] = [new PostgresStateStore({ port }), new PostgresStreamManager({ port })];
    const executor = new JSAgentExecutor(store, streams, model);
    onTestFinished(async () => {
      await executor.close();
      await store.close();
      streams.close();
      await own.end();
    });
    return executor;
  };
  const [executor, other] = [openExecutor(), openExecutor()];
  const ended = new AbortController();
  const recovery = executor.startRecovery({ agents: { worker: agent }, abortSignal: ended.signal });
  onTestFinished(async () => {
    ended.abort();
    await recovery;
  });
  return { pool, agent, model, executor, other, counted };
}

it('a run in flight goes on from what its server still has, and does again what was forgotten', async () => {
  const { pool, agent, model, executor, counted } = await openProcesses();
  const handle = await executor.execute(agent, 'Work');
  await model.answer(0, callOf('one'));
  await model.asked[1]?.promise;
  const forget = await remember(pool);
  await model.answer(1, callOf('two'));
  await model.asked[2]?.promise;
  await forget();
  await model.answer(2, done);
  await model.answer(3, callOf('two again'));
  await model.answer(4, done);
  expect(await handle.result()).toMatchObject({ status: 'completed', output: 'Done.' });
  expect(counted.bodies).toBe(3);
  const calls = model.requests
    .at(-1)
    ?.messages.flatMap(({ parts }) => parts.filter(({ type }) => type === 'tool-call'));
  expect(calls).toHaveLength(2);
});

it('a run whose end was forgotten goes on where it had ended, though nobody asks, and is refused elsewhere until it is over', async () => {
  const { pool, agent, model, executor, other } = await openProcesses();
  const handle = await executor.execute(agent, 'Work', { sessionId: 'session' });
  await model.asked[0]?.promise;
  const forget = await remember(pool);
  await model.answer(0, done);
  expect(await handle.result()).toMatchObject({ status: 'completed' });
  await forget();
  await expect(other.execute(agent, 'More', { sessionId: 'session' })).rejects.toMatchObject({
    code: 'state_already_running',
  });
  await model.answer(1, done);
  const again = await other.getHandle(agent, 'session');
  expect(await again?.result()).toMatchObject({ status: 'completed', output: 'Done.' });
});
