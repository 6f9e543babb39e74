// Would catch: a change of the state that is stored as something else, or not at all, and nobody is told.
import {
  applyPatch,
  defineAgent,
  defineTool,
  HelixError,
  type AgentHooks,
  type HookContext,
  type Schema,
  type ToolContext,
} from '@helix-agents/core';
import { MockLLMAdapter } from '@helix-agents/core/testing';
import { InMemoryStreamManager } from '@helix-agents/store-memory';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { action, answers, calls, collect, gate, inMemory, outcomes } from '../test/harness.ts';
import { JSAgentExecutor } from './index.ts';

interface State {
  seen: unknown;
}

async function run(execute: (context: ToolContext) => unknown, hooks: AgentHooks<State> = {}) {
  const logged: unknown[] = [];
  const logger = { log: (level: string, message: string) => void logged.push([level, message]) };
  const tool = action('write', (context) => void execute(context));
  const stateSchema = z.object({ seen: z.any().default(0) });
  const agent = defineAgent({ name: 'a', systemPrompt: '', stateSchema, tools: [tool], hooks });
  const { executor, store } = inMemory([calls(['write', {}]), answers('end')], { logger });
  const handle = await executor.execute(agent, 'Hi', { sessionId: 's' });
  const result = await handle.result();
  const { customState } = await handle.getState();
  return { result, state: customState, logged, outcomes: outcomes(await store.messagesAfter('s', 0)) };
}

const wrong: [string, (draft: State) => unknown, string][] = [
  ['NaN', (draft) => (draft.seen = NaN), 'NaN at /seen'],
  ['a date', (draft) => (draft.seen = new Date(0)), 'Date at /seen'],
  ['a function', (draft) => (draft.seen = () => 1), 'a function at /seen'],
  ['another state', () => ({ seen: [9] }), 'returned an object'],
  ['a promise', async (draft) => (draft.seen = 1), 'returned a promise'],
];

describe('a change that the state cannot keep', () => {
  it.each(wrong)('fails the tool that makes it, and the model hears of it: %s', async (_, change, message) => {
    const ran = await run(({ updateState }) => updateState<State>((draft) => change(draft) as void));
    expect(ran.outcomes).toMatchObject([
      { type: 'error', error: { code: 'tool_failed', message: expect.stringContaining(message) } },
    ]);
    expect(ran.result).toMatchObject({ status: 'completed' });
    expect(ran.state).toEqual({ seen: 0 });
  });

  it.each(wrong)('breaks the run in a hook: %s', async (_, change, message) => {
    const hook = ({ updateState }: { updateState: (change: (draft: State) => void) => void }) =>
      updateState((draft) => change(draft) as void);
    const ran = await run(() => {}, { afterLLMCall: (__, context) => hook(context) });
    expect(ran.result).toMatchObject({
      status: 'failed',
      error: { code: 'framework_hook_failed', message: expect.stringContaining(message) },
    });
    expect(ran.state).toEqual({ seen: 0 });
  });
});

describe('a change that a hook makes', () => {
  it.each([
    'onAgentStart',
    'onStepStart',
    'beforeLLMCall',
    'afterLLMCall',
    'onMessage',
    'beforeTool',
    'afterTool',
    'onStepEnd',
  ] as const)('in %s is stored each time, and told to the stream', async (name) => {
    let called = 0;
    const hook = (_: unknown, { updateState }: HookContext<State>) => {
      called += 1;
      updateState((draft) => (draft.seen = called));
    };
    const tool = action('do', () => 'done');
    const stateSchema = z.object({ seen: z.any().default(0) });
    const agent = defineAgent({ name: 'a', systemPrompt: '', stateSchema, tools: [tool], hooks: { [name]: hook } });
    const fails = { type: 'error', error: new HelixError('provider_error', 'again') } as const;
    const limits = { backoffMs: 1, maxBackoffMs: 1 };
    for (const script of [[answers('end')], [fails, calls(['do', {}]), answers('end')]]) {
      called = 0;
      const { executor } = inMemory(script, { limits });
      const handle = await executor.execute(agent, 'Hi');
      expect(await handle.result()).toMatchObject({ status: 'completed' });
      const patches = (await collect(await handle.stream())).flatMap((chunk) =>
        chunk.type === 'state_patch' ? chunk.operations : [],
      );
      expect((await handle.getState()).customState).toEqual({ seen: called });
      expect(applyPatch({ seen: 0 }, patches)).toEqual({ seen: called });
    }
  });
});

describe('a change that the schema of the state does not allow', () => {
  const basket = z.object({ cents: z.number().default(0), items: z.array(z.string()).default([]) });
  const toText = ({ updateState }: Pick<ToolContext, 'updateState'>) =>
    updateState<{ cents: unknown }>((draft) => void (draft.cents = '4.50'));
  const problem =
    'wrote what the stateSchema of the agent does not allow: cents: Invalid input: expected number, received string';

  /** One call of a tool, with this state. */
  async function shop(stateSchema: Schema, write: (context: ToolContext) => void, hooks: AgentHooks<never> = {}) {
    const tool = action('add', (ctx) => write(ctx));
    const agent = defineAgent({ name: 'a', systemPrompt: '', stateSchema, tools: [tool], hooks: hooks as AgentHooks });
    const { executor, store } = inMemory([calls(['add', {}]), answers('end')]);
    const handle = await executor.execute(agent, 'Hi', { sessionId: 's' });
    const result = await handle.result();
    const { customState } = await handle.getState();
    return { result, state: customState, outcomes: outcomes(await store.messagesAfter('s', 0)), store };
  }

  it('fails the tool, changes nothing, and names the field', async () => {
    const ran = await shop(basket, toText);
    const message = `add ${problem}. The tool has run: a further call runs it again.`;
    expect(ran.outcomes).toMatchObject([{ type: 'error', error: { code: 'tool_output_invalid', message } }]);
    expect(ran.result).toMatchObject({ status: 'completed' });
    expect(ran.state).toEqual({ cents: 0, items: [] });
  });

  it('breaks the run in a hook', async () => {
    const ran = await shop(basket, () => {}, { beforeLLMCall: (_, context) => toText(context as never) });
    const message = `hook beforeLLMCall: it ${problem}`;
    expect(ran.result).toMatchObject({ status: 'failed', error: { code: 'framework_hook_failed', message } });
    expect(ran.state).toEqual({ cents: 0, items: [] });
  });

  it('is found by a schema that takes its time, too', async () => {
    const slow = basket.refine(async ({ cents }) => cents !== 7, 'seven is taken');
    const ran = await shop(slow, ({ updateState }) => updateState((draft) => void (draft['cents'] = 7)));
    expect(ran.outcomes).toMatchObject([
      { type: 'error', error: { message: expect.stringContaining('seven is taken') } },
    ]);
    expect(ran.state).toEqual({ cents: 0, items: [] });
  });

  it('may be mended before the tool ends', async () => {
    const ran = await shop(basket, (context) => {
      toText(context);
      context.updateState((draft) => void (draft['cents'] = 450));
    });
    expect(ran.state).toEqual({ cents: 450, items: [] });
  });

  it('is not what was wrong before: of a schema that does not take what it gives, or is younger than the session', async () => {
    const counted = basket.extend({
      name: z
        .string()
        .transform((name) => name.length)
        .default(3),
    });
    const pay = ({ updateState }: ToolContext) => updateState<{ cents: number }>((draft) => void (draft.cents += 450));
    const { state, store } = await shop(counted, pay);
    expect(state).toMatchObject({ cents: 450 });
    const model = new MockLLMAdapter([calls(['add', {}]), answers('end')]);
    const executor = new JSAgentExecutor(store, new InMemoryStreamManager(), model);
    const younger = basket.extend({ owner: z.string() });
    const tool = action('add', (ctx) => pay(ctx));
    const agent = defineAgent({ name: 'a', systemPrompt: '', stateSchema: younger, tools: [tool] });
    const handle = await executor.execute(agent, 'More', { sessionId: 's' });
    expect(await handle.result()).toMatchObject({ status: 'completed' });
    expect((await handle.getState()).customState).toMatchObject({ cents: 900 });
  });

  it('is found beside what was wrong before', async () => {
    const wrongBefore = basket.extend({
      name: z
        .string()
        .transform((name) => name.length)
        .default(3),
    });
    const { state, outcomes: all } = await shop(wrongBefore, toText);
    expect(all).toMatchObject([{ type: 'error', error: { message: expect.stringContaining(problem) } }]);
    expect(state).toMatchObject({ cents: 0 });
  });
});

describe('changes of calls side by side that the schema of the state allows each by itself, and not together', () => {
  const problem = (call: string) =>
    `what ${call} wrote does not fit beside what the calls before it in the reply wrote: sum: too much`;
  const add = defineTool({
    name: 'add',
    description: 'x',
    inputSchema: z.object({ by: z.number() }),
    execute: ({ by }, { updateState }) => {
      updateState<{ sum: number }>((draft) => void (draft.sum += by));
      return by;
    },
  });
  const look = action('look', ({ getState }) => getState<{ sum: number }>().sum, { sequential: true });

  /** Adds of a reply, and what is called beside them. `judged` holds each sum that the schema saw. */
  async function sums(reply: readonly (readonly [string, unknown])[], judge = (sum: number): unknown => sum <= 10) {
    const judged: number[] = [];
    const sum = z.number().default(0);
    const stateSchema = z.object({ sum: sum.refine((one) => (judged.push(one), judge(one)), 'too much') });
    const heard: unknown[] = [];
    const hooks: AgentHooks = {
      onStateChange: (_, { getState }) => void heard.push(getState()),
      afterTool: ({ outcome }) => void heard.push(outcome.type),
    };
    const agent = defineAgent({
      name: 'a',
      systemPrompt: '',
      stateSchema,
      reducers: { sum: 'sum' },
      tools: [add, look],
      hooks,
    });
    const { executor, store, llm } = inMemory([calls(...reply), answers('end')], { limits: { stopGraceMs: 1 } });
    const handle = await executor.execute(agent, 'Hi', { sessionId: 's' });
    const ended = async () => {
      const chunks = await collect(await handle.stream());
      const result = await handle.result();
      const { customState } = await handle.getState();
      return { result, chunks, state: customState, outcomes: outcomes(await store.messagesAfter('s', 0)) };
    };
    return { handle, judged, heard, llm, ended };
  }
  const adds = (...all: readonly number[]) => all.map((by) => ['add', { by }] as const);
  const message = `${problem('add')}. The tool has run: a further call runs it again.`;
  const tooMuch = { type: 'error', error: { code: 'tool_output_invalid', message } };

  it('fail the call that comes too late in the reply, and no other', async () => {
    const { ended, llm } = await sums(adds(6, 5, 4));
    const { state, outcomes: all, result } = await ended();
    expect(result).toMatchObject({ status: 'completed' });
    expect(all).toMatchObject([{ value: 6 }, tooMuch, { value: 4 }]);
    expect(state).toEqual({ sum: 10 });
    expect(JSON.stringify(llm.requests[1]?.messages)).toContain(problem('add'));
  });

  it('are found by a schema that takes its time, too', async () => {
    const { ended } = await sums(adds(6, 5), async (sum) => (await Promise.resolve(sum)) <= 10);
    expect(await ended()).toMatchObject({ state: { sum: 6 }, outcomes: [{ value: 6 }, tooMuch] });
  });

  it('are told by the stream and by hooks as the record has them', async () => {
    const { ended, heard } = await sums(adds(6, 5));
    const told = (await ended()).chunks.flatMap((chunk) =>
      chunk.type === 'tool_end' ? [[chunk.toolCallId, chunk.outcome.type]] : [],
    );
    expect(new Map(told as [string, string][])).toEqual(
      new Map([
        ['call_1', 'result'],
        ['call_2', 'error'],
      ]),
    );
    expect(heard).toEqual([{ sum: 6 }, 'result', 'error']);
  });

  it('are left out of what a later call of the step builds on', async () => {
    const { ended } = await sums([...adds(6, 5), ['look', {}]]);
    expect((await ended()).outcomes).toMatchObject([{ value: 6 }, tooMuch, { value: 6 }]);
  });

  it('are found in whichever part of the reply they stand', async () => {
    const { ended } = await sums([...adds(1), ['look', {}], ...adds(5, 6, 4)]);
    const { state, outcomes: all } = await ended();
    expect(all).toMatchObject([{ value: 1 }, { value: 1 }, { value: 5 }, tooMuch, { value: 4 }]);
    expect(state).toEqual({ sum: 10 });
  });

  it('cost a look at the state only where several wrote', async () => {
    const one = await sums(adds(1));
    await one.ended();
    const two = await sums(adds(1, 2));
    await two.ended();
    const sequential = await sums([...adds(1), ['look', {}], ...adds(2)]);
    await sequential.ended();
    expect([one.judged, two.judged, sequential.judged]).toEqual([
      [0, 1],
      [0, 1, 2, 3],
      [0, 1, 3],
    ]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    // Not for the first ask: of one that is promised an answer, Zod does not wait for that, and asks again.
    ['rejects', (asked: number) => (asked === 1 ? Promise.resolve(true) : Promise.reject(new Error('no')))],
  ])('break the run where the schema %s; what the calls came to stays', async (_, fail) => {
    let asked = 0;
    const { ended } = await sums(adds(1, 2), (sum) => (sum === 3 ? fail((asked += 1)) : true));
    const error = { code: 'agent_invalid', message: 'agent a: stateSchema failed: no' };
    expect(await ended()).toMatchObject({
      result: { status: 'failed', error },
      outcomes: [{ value: 1 }, { value: 2 }],
      state: { sum: 0 },
    });
  });

  it('do not hold up a stop while they are judged', async () => {
    const asked = gate();
    const { handle, ended } = await sums(adds(1, 2), (sum) => {
      if (sum === 3) asked.resolve();
      return sum === 3 ? new Promise(() => {}) : true;
    });
    await asked.promise;
    await handle.interrupt();
    expect(await ended()).toMatchObject({ result: { status: 'interrupted' }, state: { sum: 0 } });
  });

  it('do not hold up a stop before a later call of the step, which does not run', async () => {
    const asked = gate();
    const { handle, ended } = await sums([...adds(1, 2), ['look', {}]], (sum) => {
      if (sum === 3) asked.resolve();
      return sum === 3 ? new Promise(() => {}) : true;
    });
    await asked.promise;
    await handle.interrupt();
    const { outcomes: all } = await ended();
    expect(all[2]).toEqual({ type: 'not-executed', reason: 'run_stopped' });
  });
});

describe('a change that comes after the end of the run', () => {
  it('is not stored, and a warning says so', async () => {
    const ran = await run(() => {}, {
      onAgentComplete: (_, { updateState }) => updateState((draft) => (draft.seen = 1)),
    });
    expect(ran.state).toEqual({ seen: 0 });
    expect(ran.logged).toEqual([
      ['warn', 'hook onAgentComplete changed the state after the end of the run: the change is not stored'],
    ]);
  });

  it('is none where the hook changes nothing', async () => {
    const ran = await run(() => {}, { onAgentComplete: (_, { getState }) => void getState() });
    expect(ran.logged).toEqual([]);
  });
});
