// Would catch: a run or a tool that fails and is logged by nobody, or twice; a stop that is logged as a failure; a line without the
// error, so that nobody finds the place that threw.
import { defineAgent, HelixError, type AgentConfig, type Logger, type StepResult } from '@helix-agents/core';
import { FakeClock, type MockStep } from '@helix-agents/core/testing';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import { describe, expect, it, vi } from 'vitest';
import { action, answers, calls, hanging, inMemory } from '../test/harness.ts';
import { JSAgentExecutor } from './index.ts';

type Line = Parameters<Logger['log']>;

function recorded() {
  const lines: Line[] = [];
  const logger: Logger = { log: (...line) => void lines.push(line) };
  return { lines, logger, limits: { backoffMs: 1, maxBackoffMs: 1, stopGraceMs: 20 } };
}

async function run(script: readonly MockStep[], given: Partial<AgentConfig>) {
  const { lines, ...options } = recorded();
  const { executor } = inMemory(script, options);
  const agent = defineAgent({ name: 'a', systemPrompt: '', ...given } as AgentConfig);
  const handle = await executor.execute(agent, 'Hi', { sessionId: 's' });
  const result = await handle.result();
  await executor.close();
  return { lines, result, runId: handle.runId };
}

const thrown = new Error('no');
const fails = () => {
  throw thrown;
};

describe('a run that fails', () => {
  const refused = new HelixError('provider_refused', 'not that');
  const loop = calls(['look', {}]);
  const look = action('look', () => 'seen');
  it.each<[string, Line[0], string, readonly MockStep[], Partial<AgentConfig>, unknown]>([
    ['an adapter that throws', 'error', 'provider_error', [fails], {}, thrown],
    ['an adapter that answers nonsense', 'error', 'provider_bad_response', [() => 1 as never], {}, undefined],
    ['a hook before the model', 'error', 'framework_hook_failed', [], { hooks: { beforeLLMCall: fails } }, thrown],
    [
      'a hook before a tool',
      'error',
      'framework_hook_failed',
      [loop],
      { tools: [look], hooks: { beforeTool: fails } },
      thrown,
    ],
    [
      'a hook after a tool',
      'error',
      'framework_hook_failed',
      [loop],
      { tools: [look], hooks: { afterTool: fails } },
      thrown,
    ],
    ['a judge', 'error', 'framework_hook_failed', [loop], { tools: [look], stopWhen: fails }, thrown],
    ['its steps', 'warn', 'framework_max_steps', [loop], { tools: [look], maxSteps: 1 }, undefined],
    ['a model that refuses', 'warn', 'provider_refused', [{ type: 'error', error: refused }], {}, undefined],
  ])('by %s is logged once, as %s with %s, and with what was thrown', async (_, level, code, script, given, cause) => {
    const { lines, result, runId } = await run(script, given);
    expect(result).toMatchObject({ status: 'failed', error: { code } });
    expect(lines).toEqual([
      [level, 'a run failed', { sessionId: 's', runId, code, error: expect.objectContaining({ code }) }],
    ]);
    const error = lines[0]?.[2]?.['error'];
    expect(error).toBeInstanceOf(HelixError);
    if (cause) expect((error as HelixError).cause).toBe(cause);
  });

  it('in the store is logged once, however it is written', async () => {
    const { lines, ...options } = recorded();
    const store = new InMemoryStateStore();
    const commit = store.commit.bind(store);
    const refusal = new HelixError('input_invalid', 'no store holds this');
    vi.spyOn(store, 'commit').mockImplementation(async (sessionId, given) => {
      if (given.head?.step?.op === 'reply') throw refusal;
      return commit(sessionId, given);
    });
    const llm = { generateStep: async () => answers('Hello') as StepResult };
    const executor = new JSAgentExecutor(store, new InMemoryStreamManager(), llm, options);
    const agent = defineAgent({ name: 'a', systemPrompt: '' });
    const handle = await executor.execute(agent, 'Hi', { sessionId: 's' });
    expect(await handle.result()).toMatchObject({ status: 'failed' });
    expect(lines).toEqual([
      ['warn', 'a run failed', { sessionId: 's', runId: handle.runId, code: 'input_invalid', error: refusal }],
    ]);
  });

  it('is logged once where its end could be written only later, and with it what kept it from that', async () => {
    const { lines, ...options } = recorded();
    const clock = new FakeClock();
    const store = new InMemoryStateStore({ clock });
    const away = new HelixError('state_record_unreadable', 'not now');
    const commit = store.commit.bind(store);
    let fails = 2;
    vi.spyOn(store, 'commit').mockImplementation(async (sessionId, given) => {
      if (given.fence.as === 'owner' && fails-- > 0) throw away;
      return commit(sessionId, given);
    });
    const llm = { generateStep: async () => answers('Hello') as StepResult };
    const executor = new JSAgentExecutor(store, new InMemoryStreamManager(), llm, { ...options, clock });
    const handle = await executor.execute(defineAgent({ name: 'a', systemPrompt: '' }), 'Hi', { sessionId: 's' });
    await clock.advance(1_100);
    expect(await handle.result()).toMatchObject({ status: 'failed' });
    expect(lines).toEqual([
      ['error', 'the end of the run could not be written', { sessionId: 's', error: away, failedBy: away }],
      ['error', 'a run failed', { sessionId: 's', runId: handle.runId, code: away.code, error: away }],
    ]);
  });

  it('is none that is stopped: nothing is logged', async () => {
    for (const stop of ['interrupt', 'abort'] as const) {
      const { lines, ...options } = recorded();
      const { begun, hang } = hanging();
      const { executor } = inMemory([calls(['deaf', {}])], options);
      const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [action('deaf', hang)] });
      const handle = await executor.execute(agent, 'Hi', { sessionId: 's' });
      await begun;
      await handle[stop]();
      await handle.result();
      expect(lines).toEqual([]);
    }
  });
});
