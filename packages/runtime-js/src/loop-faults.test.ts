// Would catch: a fault in a hook, a schema or a callback that takes more with it than its own call: siblings, state, the process.
import {
  defineAgent,
  defineTool,
  finishToolName,
  HelixError,
  withoutTypes,
  type AnyAgent,
  type HookContext,
} from '@helix-agents/core';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import { FakeClock, MockLLMAdapter, type MockStep } from '@helix-agents/core/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { action, answers, calls, gate, hanging, inMemory, note, outcomes, streamed } from '../test/harness.ts';
import { JSAgentExecutor, type JSAgentExecutorOptions } from './index.ts';

const base = { name: 'a', systemPrompt: '', stateSchema: z.object({ notes: z.array(z.string()).default([]) }) };
const quick: JSAgentExecutorOptions = { limits: { backoffMs: 1, maxBackoffMs: 2 } };

async function run(agent: AnyAgent, script: readonly MockStep[]) {
  const made = inMemory(script, quick);
  const handle = await made.executor.execute(withoutTypes(agent), 'Hi', { sessionId: 's' });
  const result = await handle.result();
  const { customState, messages } = await handle.getState();
  return { ...made, result, customState, outcomes: outcomes(messages), usage: await handle.getUsageRollup() };
}

describe('a beforeTool hook that fails', () => {
  it('breaks the run once the siblings ended, and what they did is kept', async () => {
    const opened = gate();
    const slow = action('slow', async ({ updateState }) => {
      await opened.promise;
      updateState<{ notes: string[] }>((draft) => void draft.notes.push('slow'));
      return 'done';
    });
    const agent = defineAgent({
      ...base,
      tools: [note, slow],
      hooks: {
        beforeTool: ({ tool }) => {
          if (tool.name !== 'note') return;
          setTimeout(opened.resolve, 20);
          throw new Error('no');
        },
      },
    });
    const ran = await run(agent, [calls(['note', { text: 'a' }], ['slow', {}])]);
    expect(ran.result).toMatchObject({ status: 'failed', error: { code: 'framework_hook_failed' } });
    expect(ran.outcomes).toMatchObject([
      { type: 'error', error: { code: 'framework_hook_failed', message: 'hook beforeTool: no' } },
      { type: 'result', value: 'done' },
    ]);
    expect(ran.customState).toEqual({ notes: ['slow'] });
  });

  it('of another run, passed on by a body, is the failure of that tool', async () => {
    const nested = action('nested', () => Promise.reject(new HelixError('framework_hook_failed', 'theirs')));
    const agent = defineAgent({ ...base, tools: [nested] });
    const ran = await run(agent, [calls(['nested', {}]), answers('ok')]);
    expect(ran.result).toMatchObject({ status: 'completed', output: 'ok' });
    expect(ran.outcomes).toMatchObject([{ type: 'error', error: { code: 'tool_failed', message: 'theirs' } }]);
  });
});

describe('a model call that fails', () => {
  const broken: MockStep = { type: 'error', error: new HelixError('provider_error', 'the stream broke') };
  const keep = (text: string) => (_: unknown, context: HookContext<{ notes: string[] }>) =>
    context.updateState((draft) => void draft.notes.push(text));

  it('keeps what the hooks before it wrote', async () => {
    const hooks = { onAgentStart: keep('agent'), onStepStart: keep('step'), beforeLLMCall: keep('call') };
    const ran = await run(defineAgent({ ...base, hooks }), [broken, answers('ok')]);
    expect(ran.result).toMatchObject({ status: 'completed' });
    expect(ran.customState).toEqual({ notes: ['agent', 'step', 'call', 'call'] });
  });

  it.each(['afterLLMCall', 'onMessage'])('in the hook %s keeps the usage of the reply', async (name) => {
    const hooks = { beforeLLMCall: keep('call'), [name]: () => Promise.reject(new Error('no')) };
    const usage = { input: 3, output: 4, total: 7 };
    const script: MockStep[] = [{ type: 'text', content: 'ok', usage }];
    const ran = await run(defineAgent({ ...base, hooks }), script);
    expect(ran.result).toMatchObject({ status: 'failed', error: { code: 'framework_hook_failed' } });
    expect(ran.usage).toMatchObject({ modelCalls: 1, tokens: { total: 7 } });
    expect(ran.customState).toEqual({ notes: ['call'] });
  });

  it('for a reason of ours is not the failure of the provider, and is not repeated', async () => {
    const reply = calls(['nowhere', { unfitForJson: 1n }]);
    const ran = await run(defineAgent(base), [reply, answers('never')]);
    expect(ran.result).toMatchObject({ status: 'failed', error: { code: 'framework_internal', retryable: false } });
  });
});

describe('calls that end the run', () => {
  it('are not run once one of them has', async () => {
    const bodies: string[] = [];
    const finish = (name: string) =>
      action(
        name,
        () => {
          bodies.push(name);
          return name;
        },
        { finishWith: true },
      );
    const agent = defineAgent({ ...base, tools: [finish('one'), finish('two')] });
    const ran = await run(agent, [calls(['one', {}], ['two', {}])]);
    expect(ran.result).toMatchObject({ status: 'completed', completionReason: 'finish', output: 'one' });
    expect(bodies).toEqual(['one']);
    expect(ran.outcomes).toEqual([
      { type: 'result', value: 'one' },
      { type: 'not-executed', reason: 'superseded_by_terminal_call' },
    ]);
  });

  it('give the output as its schema reads it, also after a takeover', async () => {
    const { begun, hang } = hanging();
    const deaf = action('deaf', hang);
    const outputSchema = z.object({ title: z.string().default('none'), size: z.string().transform(Number) });
    const agent = defineAgent({ ...base, tools: [deaf], outputSchema });
    const store = new InMemoryStateStore();
    const streams = new InMemoryStreamManager();
    const executor = (script: readonly MockStep[]) =>
      new JSAgentExecutor(store, streams, new MockLLMAdapter(script), { limits: { stopGraceMs: 20, drainMs: 20 } });
    const first = executor([calls(['deaf', {}], [finishToolName, { size: '7' }])]);
    await first.execute(agent, 'Hi', { sessionId: 's' });
    await begun;
    await first.close();
    const handle = await executor([]).getHandle(agent, 's');
    expect(await handle?.result()).toMatchObject({ status: 'completed', output: { title: 'none', size: 7 } });
  });
});

it('a schema that throws refuses its call alone', async () => {
  const picky = defineTool({
    name: 'picky',
    description: 'x',
    inputSchema: z.object({ text: z.string() }).refine(() => {
      throw new Error('cannot look');
    }),
    execute: () => 'never',
  });
  const agent = defineAgent({ ...base, tools: [picky, note] });
  const reply = calls(['picky', { text: 'a' }], ['note', { text: 'b' }]);
  const ran = await run(agent, [reply, answers('ok')]);
  expect(ran.result).toMatchObject({ status: 'completed' });
  expect(ran.outcomes).toMatchObject([
    { type: 'error', error: { code: 'tool_input_invalid', message: 'cannot look' } },
    { type: 'result', value: 'kept b' },
  ]);
});

describe('a reducer that fails', () => {
  const adds = (name: string, sequential: boolean) =>
    action(
      name,
      ({ updateState }) => {
        updateState<{ notes: string[] }>((draft) => void draft.notes.push(name));
        return name;
      },
      { sequential },
    );
  const agentWith = (reducer: () => unknown) => {
    // As it comes from callers that were compiled without our types.
    const reducers = { notes: reducer as () => string[] };
    const stateSchema = z.object({ notes: z.any().default([]) });
    const tools = [adds('one', false), adds('two', false), adds('last', true)];
    return defineAgent({ ...base, stateSchema, tools, reducers });
  };

  it('is told from one that leaves a member out, or answers what JSON writes otherwise', async () => {
    const fits = () => ({ kept: Math.round(-0.2), left: undefined });
    const ran = await run(agentWith(fits), [calls(['one', {}], ['two', {}]), answers('ok')]);
    expect(ran.result).toMatchObject({ status: 'completed' });
    expect(ran.customState).toEqual({ notes: { kept: 0 } });
  });

  const failures = {
    throws: () => {
      throw new Error('no');
    },
    'answers what is not JSON': () => Number.NaN,
    'answers nothing': () => undefined,
  };

  it.each(Object.entries(failures))('and %s breaks the run; what the calls came to stays', async (_, reducer) => {
    const ran = await run(agentWith(reducer), [calls(['one', {}], ['two', {}])]);
    expect(ran.result).toMatchObject({ status: 'failed', error: { code: 'framework_reducer_failed' } });
    expect(ran.result.error?.message).toContain('reducers.notes');
    expect(ran.outcomes).toEqual([
      { type: 'result', value: 'one' },
      { type: 'result', value: 'two' },
    ]);
    expect(ran.customState).toEqual({ notes: [] });
  });

  it('before a call that builds on the state keeps that call from running', async () => {
    const ran = await run(agentWith(failures.throws), [calls(['one', {}], ['two', {}], ['last', {}])]);
    expect(ran.result).toMatchObject({ status: 'failed', error: { code: 'framework_reducer_failed' } });
    expect(ran.outcomes).toMatchObject([
      { type: 'result' },
      { type: 'result' },
      { type: 'error', error: { code: 'framework_reducer_failed' } },
    ]);
  });

  it('can be stopped', async () => {
    const { begun, hang } = hanging();
    const hangs = action('hangs', hang);
    const agent = defineAgent({
      ...base,
      tools: [adds('one', false), adds('two', false), hangs],
      reducers: { notes: failures.throws },
    });
    const { executor } = inMemory([calls(['one', {}], ['two', {}], ['hangs', {}])], { limits: { stopGraceMs: 1 } });
    const handle = await executor.execute(agent, 'Hi');
    await begun;
    await handle.abort();
    expect(await handle.result()).toMatchObject({ status: 'failed', error: { code: 'framework_cancelled' } });
  });
});

describe('ports that throw', () => {
  it('harm no run: its spans and log lines are missing', async () => {
    const fails = () => {
      throw new Error('the collector is gone');
    };
    const ends = { set: fails, end: fails };
    let spans = 0;
    const instrumentation = { startSpan: () => ((spans += 1) % 2 === 0 ? ends : fails()) };
    const agent = defineAgent({ ...base, tools: [note] });
    const { executor } = inMemory([calls(['note', { text: 'a' }]), answers('ok')], {
      instrumentation,
      logger: { log: fails },
    });
    const handle = await executor.execute(agent, 'Hi');
    expect(await handle.result()).toMatchObject({ status: 'completed', output: 'ok' });
    expect(spans).toBeGreaterThan(3);
  });
});

it('a run that cannot begin, since its session changes again and again, is told of as a conflict', async () => {
  const { store, executor } = inMemory([]);
  store.commit = async () => ({ landed: false, reason: 'stale', head: null });
  const entered = executor.execute(defineAgent(base), 'Hi', { sessionId: 's' });
  await expect(entered).rejects.toMatchObject({ code: 'state_concurrency_conflict' });
});

it('a run whose results the store does not take fails; they are unknown, and what readers have is not taken back', async () => {
  const { store, streams, executor } = inMemory([calls(['note', { text: 'a' }]), answers('never')]);
  const commit = store.commit.bind(store);
  store.commit = (sessionId, wanted) => {
    if (wanted.head?.step?.op !== 'close') return commit(sessionId, wanted);
    store.commit = commit;
    return Promise.reject(new HelixError('input_invalid', 'not this'));
  };
  const handle = await executor.execute(defineAgent({ ...base, tools: [note] }), 'Hi', { sessionId: 's' });
  expect(await handle.result()).toMatchObject({ status: 'failed', error: { code: 'input_invalid' } });
  expect(outcomes(await store.messagesAfter('s', 0))).toMatchObject([{ type: 'unknown' }]);
  const told = (await streamed({ store, streams }, 's')).chunks.map(({ chunk }) => chunk.type);
  expect(told).toContain('tool_end');
  expect(told).not.toContain('rewound');
});

describe('a run whose end the store does not take', () => {
  it('is tried again after a pause, and keeps no other session of the process from going on', async () => {
    const store = new InMemoryStateStore();
    const commit = store.commit.bind(store);
    let refusals = 0;
    store.commit = (sessionId, wanted) => {
      if (sessionId !== 'bad' || wanted.fence.as === 'entry') return commit(sessionId, wanted);
      refusals += 1;
      return Promise.reject(new HelixError('input_invalid', 'not this'));
    };
    const clock = new FakeClock();
    const opened = gate();
    const script: MockStep[] = [answers('bad'), () => opened.promise.then(() => answers('good')), answers('again')];
    const streams = new InMemoryStreamManager();
    const model = new MockLLMAdapter(script);
    const executor = new JSAgentExecutor(store, streams, model, { clock });
    await executor.execute(defineAgent(base), 'Hi', { sessionId: 'bad' });
    const good = await executor.execute(defineAgent(base), 'Hi', { sessionId: 'good' });
    await expect.poll(() => refusals).toBe(2);
    await clock.advance(500);
    expect(refusals).toBe(2);
    await clock.advance(600);
    await expect.poll(() => refusals).toBe(3);
    opened.resolve();
    expect(await good.result()).toMatchObject({ status: 'completed', output: 'good' });
    // Only the end is tried again: what the model was asked is paid for.
    expect(model.requests).toHaveLength(2);
    await executor.close();
  });
});
