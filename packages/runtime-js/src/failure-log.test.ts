// Would catch: a run or a tool that fails and is logged by nobody, or twice; a stop that is logged as a failure; a line without the
// error, so that nobody finds the place that threw.
import {
  defineAgent,
  defineTool,
  HelixError,
  type AgentConfig,
  type Logger,
  type ToolContext,
} from '@helix-agents/core';
import { FakeClock, type MockStep } from '@helix-agents/core/testing';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { action, answers, calls, gate, hanging, hangs, inMemory } from '../test/harness.ts';
import { leave, shared } from '../test/shared-store.ts';
import { JSAgentExecutor } from './index.ts';

type Line = Parameters<Logger['log']>;

function recorded() {
  const lines: Line[] = [];
  const logger: Logger = { log: (...line) => void lines.push(line) };
  return { lines, logger, limits: { backoffMs: 1, maxBackoffMs: 1, stopGraceMs: 20, drainMs: 20 } };
}

async function run(script: readonly MockStep[], given: Partial<AgentConfig>) {
  const { lines, ...options } = recorded();
  const { executor } = inMemory(script, options);
  const agent = defineAgent({ name: 'a', systemPrompt: '', ...given });
  const handle = await executor.execute(agent, 'Hi', { sessionId: 's' });
  const result = await handle.result();
  await executor.close();
  return { lines, result, runId: handle.runId };
}

/** A run that is stopped while `body` is under way. */
async function stopped(body: (context: ToolContext) => Promise<unknown>) {
  const { lines, ...options } = recorded();
  const begun = gate();
  const busy = action('busy', (context) => (begun.resolve(), body(context)));
  const { executor } = inMemory([calls(['busy', {}])], options);
  const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [busy] });
  const handle = await executor.execute(agent, 'Hi', { sessionId: 's' });
  await begun.promise;
  await handle.interrupt();
  await handle.result();
  return { lines, runId: handle.runId };
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
    expect((error as HelixError).cause).toBe(cause);
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
    const llm = { generateStep: async () => answers('Hello') };
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
    let refusals = 2;
    vi.spyOn(store, 'commit').mockImplementation(async (sessionId, given) => {
      if (given.fence.as === 'owner' && refusals-- > 0) throw away;
      return commit(sessionId, given);
    });
    const llm = { generateStep: async () => answers('Hello') };
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
    const { lines } = await stopped(({ abortSignal }) => {
      return new Promise((_, reject) => abortSignal.addEventListener('abort', () => reject(abortSignal.reason)));
    });
    expect(lines).toEqual([]);
  });
});

describe('a tool that does not listen to a stop', () => {
  it('is named, once: it may keep its process from ending', async () => {
    const { lines, runId } = await stopped(() => hangs());
    const about = { sessionId: 's', runId, tool: 'busy', toolCallId: 'call_1' };
    expect(lines).toEqual([['warn', expect.stringContaining('still runs after it was told to stop'), about]]);
  });
});

describe('a model call that fails', () => {
  it('and is made again is logged with what the run waits for: an overloaded provider is no silence', async () => {
    const busy = new HelixError('provider_overloaded', 'busy');
    const { lines, result, runId } = await run([{ type: 'error', error: busy }, answers('Hello')], {});
    expect(result).toMatchObject({ status: 'completed' });
    const place = { sessionId: 's', runId, step: 1, attempt: 1 };
    expect(lines).toEqual([
      ['warn', 'a model call failed; it is made again', { ...place, waitMs: expect.any(Number), error: busy }],
    ]);
  });
});

describe('a tool that fails', () => {
  const chosen = new HelixError('tool_failed', 'there is no such customer');
  const passedOn = new HelixError('provider_error', 'of a model of its own');
  const bad = expect.objectContaining({ code: 'tool_output_invalid' });
  const lent: Partial<AgentConfig> = { stateSchema: z.object({ count: z.number().default(0) }) };
  it.each<[string, Line[0], (context: ToolContext) => unknown, unknown, Partial<AgentConfig>?]>([
    ['what a program throws', 'warn', fails, thrown],
    ['what it passes on', 'warn', () => Promise.reject(passedOn), passedOn],
    ['what it chose to tell the model', 'info', () => Promise.reject(chosen), chosen],
    ['a result that is no data', 'warn', () => 1n, bad],
    ['an error that it returns', 'warn', () => thrown, expect.objectContaining({ cause: thrown })],
    [
      'a state that does not fit',
      'warn',
      ({ updateState }) => updateState<{ count: unknown }>((draft) => void (draft.count = 'x')),
      bad,
      lent,
    ],
  ])('by %s is logged once, as %s, with that, and the run goes on', async (_, level, body, error, given = {}) => {
    const { lines, result, runId } = await run([calls(['broken', {}]), answers('Done')], {
      ...given,
      tools: [action('broken', body)],
    });
    expect(result).toMatchObject({ status: 'completed' });
    expect(lines).toEqual([
      [level, 'a tool failed', { sessionId: 's', runId, tool: 'broken', toolCallId: 'call_1', error }],
    ]);
  });

  it('and the run with it is logged once, as the failure of the run', async () => {
    const outputSchema = z.object({ at: z.string().transform((text) => new Date(text)) }) as never;
    const finish = defineTool({
      name: 'finish_it',
      description: 'x',
      inputSchema: z.object({}),
      finishWith: true,
      execute: () => ({ at: '2026-01-01' }),
    });
    const { lines } = await run([calls(['finish_it', {}])], { outputSchema, tools: [finish] });
    expect(lines).toMatchObject([['error', 'a run failed', { code: 'agent_invalid' }]]);
  });

  it('after a takeover, by what its verify found, is logged as well', async () => {
    const { executor } = shared();
    const { begun, hang } = hanging();
    const pay = action('pay', hang, { replay: { verify: () => ({ status: 'settled', result: thrown }) } });
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [pay] });
    await leave(executor([calls(['pay', {}])]), agent, begun);
    const { lines, logger } = recorded();
    await (await executor([answers('Done')], { logger }).getHandle(agent, 's'))?.result();
    const error = expect.objectContaining({ code: 'tool_output_invalid', cause: thrown });
    expect(lines).toContainEqual(['warn', 'a tool failed', expect.objectContaining({ tool: 'pay', error })]);
  });

  it('because a stop cut it is not logged, whatever it throws', async () => {
    const { lines, ...options } = recorded();
    const begun = gate();
    const listens = action('listens', ({ abortSignal }) => {
      begun.resolve();
      return new Promise((_, reject) => {
        abortSignal.addEventListener('abort', () => reject(new DOMException('cut', 'AbortError')));
      });
    });
    const { executor } = inMemory([calls(['listens', {}])], options);
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [listens] });
    const handle = await executor.execute(agent, 'Hi', { sessionId: 's' });
    await begun.promise;
    await handle.interrupt();
    await handle.result();
    expect(lines).toEqual([]);
  });
});
