// Would catch: a hook that hears too much, too little or too late, in another order, or holds up and breaks more than its run.
import {
  defineAgent,
  defineTool,
  finishToolName,
  HelixError,
  type AgentHooks,
  type HookContext,
} from '@helix-agents/core';
import { FakeClock } from '@helix-agents/core/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { answers, calls, collect, inMemory, note, streamOf } from '../test/harness.ts';

const state = z.object({ notes: z.array(z.string()).default([]), total: z.number().default(0) });
type State = z.infer<typeof state>;

const add = defineTool({
  name: 'add',
  description: 'Adds to the total.',
  inputSchema: z.object({ by: z.number() }),
  execute: ({ by }, { updateState }) => updateState<State>((draft) => void (draft.total += by)),
});

/** A run that takes one note. */
async function run(hooks: AgentHooks<State>) {
  const agent = defineAgent({ name: 'a', systemPrompt: '', stateSchema: state, tools: [note], hooks });
  const { store, executor } = inMemory([calls(['note', { text: 'a' }]), answers('end')]);
  const identity = { userId: 'ann', tags: ['trial'], metadata: { plan: 'free' } };
  const handle = await executor.execute(agent, 'Hi', { sessionId: 's', ...identity });
  const result = await handle.result();
  return { identity, result, state: (await handle.getState()).customState, streamId: await streamOf(store, 's') };
}

describe('hooks', () => {
  it('after the end of a run are not cut by the next turn', async () => {
    const [heard, may] = [Promise.withResolvers<AbortSignal>(), Promise.withResolvers<void>()];
    const onAgentComplete: AgentHooks['onAgentComplete'] = async (_, { abortSignal }) => {
      heard.resolve(abortSignal);
      await may.promise;
    };
    const agent = defineAgent({ name: 'a', systemPrompt: '', hooks: { onAgentComplete } });
    const held = Promise.withResolvers<void>();
    const script = [answers('one'), () => held.promise.then(() => answers('two'))];
    const { store, llm, executor } = inMemory(script);
    await executor.execute(agent, 'Hi', { sessionId: 's' });
    const signal = await heard.promise;
    await executor.execute(agent, 'And?', { sessionId: 's' });
    store.signals.notify('s');
    await expect.poll(() => llm.requests.length).toBe(2);
    expect(signal.aborted).toBe(false);
    may.resolve();
    held.resolve();
    await executor.close();
  });

  it('after the end of a run cannot fail it: the log is told', async () => {
    const lines: unknown[][] = [];
    const logger = { log: (...line: unknown[]) => void lines.push(line) };
    const hooks: AgentHooks = { onAgentComplete: () => Promise.reject(new Error('no disk')) };
    const { executor } = inMemory([answers('end')], { logger });
    const handle = await executor.execute(defineAgent({ name: 'a', systemPrompt: '', hooks }), 'Hi');
    expect(await handle.result()).toMatchObject({ status: 'completed' });
    const what = 'hook onAgentComplete failed after the end of the run';
    await expect.poll(() => lines).toContainEqual(['error', what, expect.anything()]);
  });

  it('may add to the stream while a step is open and as it closes', async () => {
    const emit = (name: string) => (_: object, context: HookContext) => context.emitCustom(name, null);
    const { executor } = inMemory([calls(['note', { text: 'a' }]), answers('end')]);
    const hooks = { onStepStart: emit('begins'), afterTool: emit('closes') };
    const stateSchema = state;
    const agent = defineAgent({ name: 'a', systemPrompt: '', stateSchema, tools: [note], hooks });
    const chunks = await collect(await (await executor.execute(agent, 'Hi')).stream());
    const events = chunks.flatMap((chunk) => (chunk.type === 'custom' ? chunk.eventName : []));
    expect(events).toEqual(['begins', 'closes', 'begins']);
  });

  it.each([
    ['onAgentComplete', answers('end')],
    ['onAgentFail', new HelixError('provider_refused', 'no')],
  ] as const)('%s says how long the run took, and in how many steps', async (name, last) => {
    const clock = new FakeClock();
    const slow = async () => {
      await clock.advance(1_500);
      return last instanceof HelixError ? { type: 'error' as const, error: last } : last;
    };
    const told: unknown[] = [];
    const agent = defineAgent({
      name: 'a',
      systemPrompt: '',
      stateSchema: state,
      tools: [note],
      hooks: { [name]: (about: object) => void told.push(about) },
    });
    const { executor } = inMemory([calls(['note', { text: 'a' }]), slow], { clock });
    await (await executor.execute(agent, 'Hi')).result();
    const stepCount = name === 'onAgentComplete' ? 2 : 1;
    await expect.poll(() => told).toMatchObject([{ durationMs: 1_500, stepCount }]);
  });

  it('are called in the documented order, and their writes are kept', async () => {
    const seen: string[] = [];
    const names = [
      'onAgentStart',
      'onStepStart',
      'beforeLLMCall',
      'afterLLMCall',
      'onMessage',
      'beforeTool',
      'onStateChange',
      'afterTool',
      'onStepEnd',
      'onAgentComplete',
    ] as const;
    const hooks: AgentHooks<State> = Object.fromEntries(names.map((name) => [name, () => void seen.push(name)]));
    await run(hooks);
    const around = (tools: string) => `onStepStart beforeLLMCall afterLLMCall onMessage${tools} onStepEnd`;
    const tool = ' beforeTool onStateChange onMessage afterTool';
    expect(seen.join(' ')).toBe(`onAgentStart ${around(tool)} ${around('')} onAgentComplete`);
    const ran = await run({ afterLLMCall: (_, { updateState }) => updateState((draft) => void (draft.total += 100)) });
    expect(ran.state).toEqual({ notes: ['a'], total: 200 });
  });

  it('are told of which session, stream, agent and user they hear', async () => {
    const seen = new Map<string, unknown>();
    const names = ['onAgentStart', 'beforeLLMCall', 'beforeTool', 'onStateChange', 'onStepEnd', 'onAgentComplete'];
    const hook =
      (name: string) =>
      (_: unknown, { sessionId, streamId, agentType, userId, tags, metadata }: HookContext) =>
        void seen.set(name, { sessionId, streamId, agentType, userId, tags, metadata });
    const { identity, streamId } = await run(Object.fromEntries(names.map((name) => [name, hook(name)])));
    const told = { sessionId: 's', streamId, agentType: 'a', ...identity };
    expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(names.map((name) => [name, told])));
  });

  it('onMessage hears of the agent’s replies and of results, of nothing that others or the loop itself say', async () => {
    const heard: string[] = [];
    const hooks: AgentHooks = { onMessage: ({ message }) => void heard.push(message.role) };
    const made = inMemory([answers('I think 42'), calls([finishToolName, { answer: '42' }])]);
    const agent = defineAgent({ name: 'a', systemPrompt: '', outputSchema: z.object({ answer: z.string() }), hooks });
    await (await made.executor.execute(agent, 'Hi', { sessionId: 's' })).result();
    const rows = (await made.store.messagesAfter('s', 0)).map(({ role }) => role);
    expect(rows).toEqual(['user', 'assistant', 'context', 'assistant', 'tool']);
    expect(heard).toEqual(['assistant', 'assistant', 'tool']);
  });

  it('onStateChange hears of each call that wrote: its own changes, and the state that all of the step’s made', async () => {
    const heard: unknown[] = [];
    const hooks: AgentHooks<State> = {
      onStepStart: (_, { updateState }) => updateState((draft) => void (draft.total += 10)),
      onStateChange: ({ operations, state: after }) => void heard.push([operations, after.total]),
    };
    const agent = defineAgent({
      name: 'a',
      systemPrompt: '',
      stateSchema: state,
      reducers: { total: 'sum' },
      tools: [note, add],
      hooks,
      maxSteps: 1,
    });
    const made = inMemory([calls(['add', { by: 2 }], ['note', { text: 'a' }], ['add', { by: 3 }], ['add', {}])]);
    const handle = await made.executor.execute(agent, { message: 'Hi', state: { total: 100 } });
    await handle.result();
    expect(heard).toEqual([
      [[{ op: 'replace', path: '/total', value: 112 }], 115],
      [[{ op: 'add', path: '/notes/0', value: 'a' }], 115],
      [[{ op: 'replace', path: '/total', value: 113 }], 115],
    ]);
  });

  it.each(['onAgentComplete', 'onAgentFail'] as const)(
    '%s that does not end does not hold the result back',
    async (name) => {
      const agent = defineAgent({ name: 'a', systemPrompt: '', hooks: { [name]: () => new Promise<never>(() => {}) } });
      const script = name === 'onAgentFail' ? [{ type: 'error', error: new Error('no') } as const] : [answers('Done')];
      const { executor } = inMemory(script, { limits: { stopGraceMs: 20, drainMs: 20 } });
      const status = name === 'onAgentFail' ? 'failed' : 'completed';
      expect(await (await executor.execute(agent, 'Hi')).result()).toMatchObject({ status });
    },
  );

  it('that throw fail the run with their name, and what tools did stays', async () => {
    const ran = await run({ afterTool: () => Promise.reject(new Error('no disk')) });
    expect(ran.result).toMatchObject({
      status: 'failed',
      error: { code: 'framework_hook_failed', message: 'hook afterTool: no disk' },
    });
    expect(ran.state).toMatchObject({ notes: ['a'] });
  });
});

it.each<[string, unknown, string]>([
  ['what JSON cannot hold', { n: Number.NaN }, 'the event progress has NaN at /n, which JSON cannot hold'],
  ['more than is kept', 'x'.repeat(2_000_000), 'the event progress has 2000002 bytes; at most 1048576 are kept'],
])('an event of a hook that is %s is refused there, and not lost', async (_name, data, message) => {
  const hooks: AgentHooks = { onStepStart: (__, { emitCustom }) => emitCustom('progress', data) };
  const { executor } = inMemory([answers('never')]);
  const result = await (await executor.execute(defineAgent({ name: 'a', systemPrompt: '', hooks }), 'Hi')).result();
  expect(result.error).toMatchObject({ code: 'framework_hook_failed', message: `hook onStepStart: ${message}` });
});
