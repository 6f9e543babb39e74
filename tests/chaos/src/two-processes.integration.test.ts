// Would catch: a stop that another process cannot deliver, two owners at once, an owner that goes on after it lost its lease.
import {
  defineAgent,
  type LLMAdapter,
  type LLMGenerateInput,
  type StepResult,
  type StreamChunk,
} from '@helix-agents/core';
import type { PostgresServer } from '@helix-agents/postgres-embedded';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BreakableNetwork } from './breakable-network.ts';
import { openStores, startDatabase } from './database.ts';

let server: PostgresServer;
const open: (() => Promise<void>)[] = [];

beforeAll(async () => {
  server = await startDatabase();
});

afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

afterAll(async () => {
  await server?.stop();
});

/** What a process of its own would have: pool, stores, lease. */
function newProcess(llm: LLMAdapter, connectionString = server.connectionString) {
  const { store, streams, close } = openStores(connectionString);
  const executor = new JSAgentExecutor(store, streams, llm);
  open.push(async () => {
    await executor.close();
    await close();
  });
  return { executor, store };
}

const agent = defineAgent({ name: 'talker', systemPrompt: '' });

/** Says some words, then waits until it is told to go on. */
class WaitingModel implements LLMAdapter {
  readonly #spoken = Promise.withResolvers<void>();
  readonly #release = Promise.withResolvers<void>();
  readonly spoken = this.#spoken.promise;
  calls = 0;

  release(): void {
    this.#release.resolve();
  }

  async generateStep({ callbacks }: LLMGenerateInput): Promise<StepResult> {
    this.calls += 1;
    callbacks.onTextDelta?.('half ');
    this.#spoken.resolve();
    await this.#release.promise;
    callbacks.onTextDelta?.('whole');
    return { type: 'text', content: 'half whole' };
  }
}

const says = (content: string): LLMAdapter => ({
  generateStep: ({ callbacks }) => {
    callbacks.onTextDelta?.(content);
    return Promise.resolve({ type: 'text', content });
  },
});

describe('from another process', () => {
  it('an interrupt cuts the model call within 100 ms', async () => {
    const model = new WaitingModel();
    const driver = newProcess(model);
    const other = newProcess(says('never'));
    const handle = await driver.executor.execute(agent, 'Hi', { sessionId: 'stop' });
    await model.spoken;
    const elsewhere = await other.executor.getHandle(agent, 'stop');
    const stoppedAt = performance.now();
    await elsewhere?.interrupt('from afar');
    expect(await handle.result()).toMatchObject({ status: 'interrupted' });
    expect(performance.now() - stoppedAt).toBeLessThan(100);
    expect(await elsewhere?.result()).toMatchObject({ status: 'interrupted' });
  });

  it('a run is followed live, and its session takes no second turn meanwhile', async () => {
    const model = new WaitingModel();
    const driver = newProcess(model);
    const other = newProcess(says('never'));
    await driver.executor.execute(agent, 'Hi', { sessionId: 'follow' });
    await model.spoken;
    const elsewhere = await other.executor.getHandle(agent, 'follow');
    await expect(other.executor.execute(agent, 'Me too', { sessionId: 'follow' })).rejects.toMatchObject({
      code: 'state_already_running',
    });
    const seen: StreamChunk[] = [];
    for await (const chunk of (await elsewhere?.stream()) ?? []) {
      seen.push(chunk);
      model.release();
    }
    expect(seen.map((chunk) => (chunk.type === 'text_delta' ? chunk.delta : chunk.type))).toEqual([
      'half ',
      'whole',
      'step_end',
      'output',
    ]);
    expect(await elsewhere?.result()).toMatchObject({ status: 'completed', output: 'half whole' });
  });
});

describe('an owner that lost its lease', () => {
  it('writes nothing more, and another process goes on within 2 s', async () => {
    const model = new WaitingModel();
    const network = await BreakableNetwork.to(server.connectionString);
    const driver = newProcess(model, network.connectionString);
    const handle = await driver.executor.execute(agent, 'Hi', { sessionId: 'lost' });
    await model.spoken;
    const other = newProcess(says('from the other'));
    const stop = new AbortController();
    const recovery = other.executor.startRecovery({ agents: { [agent.name]: agent }, abortSignal: stop.signal });
    const lostAt = performance.now();
    network.break('reset');
    await expect
      .poll(async () => (await other.store.head('lost'))?.phase, { timeout: 5_000, interval: 10 })
      .toBe('ended');
    expect(performance.now() - lostAt).toBeLessThan(2_000);
    network.heal();
    model.release();
    expect(await handle.result()).toMatchObject({ status: 'completed', output: 'from the other' });
    expect(await other.store.messagesAfter('lost', 1)).toHaveLength(1);
    stop.abort();
    await recovery;
    open.push(() => network.close());
  });
});
