// Would catch: a call that runs twice, is lost or told twice because the owner of its run left while it was in flight.
import { defineAgent, defineTool, type AgentHooks, type Verification, type VerifyContext } from '@helix-agents/core';
import { FakeClock, MockLLMAdapter } from '@helix-agents/core/testing';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { action, answers, calls, gate, hanging, hangs, note, outcomes, streamed, streamOf } from '../test/harness.ts';
import { leave, shared } from '../test/shared-store.ts';
import { JSAgentExecutor } from './index.ts';

describe('a run whose owner left', () => {
  it('has the end of each call in its stream once, whoever told of it', async () => {
    const { executor, ...stores } = shared();
    const { begun, hang } = hanging();
    const alone = action('alone', hang, { sequential: true });
    const tools = [action('early', () => 'done'), alone, action('last', () => 'done', { sequential: true })];
    const agent = defineAgent({ name: 'n', systemPrompt: '', tools });
    await leave(executor([calls(['early', {}], ['alone', {}], ['last', {}])]), agent, begun);
    await (await executor([answers('Done')]).getHandle(agent, 's'))?.result();
    const { chunks } = await streamed(stores, 's');
    const ends = chunks.flatMap(({ chunk }) =>
      chunk.type === 'tool_end' ? [[chunk.toolName, chunk.outcome.type]] : [],
    );
    expect(ends).toEqual([
      ['early', 'result'],
      ['alone', 'unknown'],
      ['last', 'result'],
    ]);
  });

  it('keeps what its calls wrote beside what the next message sets', async () => {
    const { store, executor } = shared();
    const { begun, hang } = hanging();
    const alone = action('alone', hang, { sequential: true });
    const stateSchema = z.object({ notes: z.array(z.string()).default([]), count: z.number().default(0) });
    const agent = defineAgent({ name: 'a', systemPrompt: '', stateSchema, tools: [note, alone] });
    await leave(executor([calls(['note', { text: 'a' }], ['alone', {}])]), agent, begun);
    const next = { message: 'Still there?', state: { count: 3 } };
    await (await executor([answers('anew')]).execute(agent, next, { sessionId: 's' })).result();
    expect((await store.load('s'))?.state).toEqual({ notes: ['a'], count: 3 });
  });

  it('keeps what its calls wrote into a field that the schema of the next turn has a default for', async () => {
    const { store, executor } = shared();
    const { begun, hang } = hanging();
    const tag = action('tag', ({ updateState }) =>
      updateState<{ tags: string[] }>((draft) => void (draft.tags = ['a'])),
    );
    const tools = [tag, action('alone', hang, { sequential: true })];
    const old = defineAgent({ name: 'a', systemPrompt: '', tools });
    await leave(executor([calls(['tag', {}], ['alone', {}])]), old, begun);
    const stateSchema = z.object({ tags: z.array(z.string()).default([]), count: z.number().default(0) });
    const now = defineAgent({ name: 'a', systemPrompt: '', stateSchema, tools });
    await (await executor([answers('anew')]).execute(now, 'Still there?', { sessionId: 's' })).result();
    expect((await store.load('s'))?.state).toEqual({ tags: ['a'], count: 0 });
  });

  it('comes to the same by calls that do not fit beside each other, whoever closes their step', async () => {
    const { store, executor } = shared();
    const { begun, hang } = hanging();
    const six = action('six', ({ updateState }) => updateState<{ sum: number }>((draft) => void (draft.sum += 6)));
    const alone = action('alone', hang, { sequential: true });
    const look = action('look', ({ getState }) => getState<{ sum: number }>().sum, { sequential: true });
    const agent = defineAgent({
      name: 'n',
      systemPrompt: '',
      stateSchema: z.object({ sum: z.number().max(10).default(0) }),
      reducers: { sum: 'sum' },
      tools: [six, alone, look],
    });
    await leave(executor([calls(['six', {}], ['six', {}], ['alone', {}], ['look', {}])]), agent, begun);
    await (await executor([answers('Done')]).getHandle(agent, 's'))?.result();
    expect(outcomes(await store.messagesAfter('s', 0))).toMatchObject([
      { type: 'result' },
      { type: 'error', error: { code: 'tool_output_invalid' } },
      { type: 'unknown' },
      { type: 'result', value: 6 },
    ]);
    expect((await store.load('s'))?.state).toEqual({ sum: 6 });
  });

  it('goes on in the step that it left, for its tools and in its stream', async () => {
    const { executor, ...stores } = shared();
    const begun = gate();
    const steps: number[] = [];
    const tool = action(
      'search',
      ({ step }) => {
        steps.push(step);
        begun.resolve();
        return steps.length === 1 ? hangs() : 'found';
      },
      { replay: 'safe' },
    );
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [tool] });
    const first = executor([calls(['search', {}])]);
    await first.execute(agent, 'Hi', { sessionId: 's' });
    await begun.promise;
    void first.close();
    const handle = await executor([answers('ok')]).getHandle(agent, 's');
    await handle?.result();
    expect(steps).toEqual([1, 1]);
    const { chunks } = await streamed(stores, 's');
    expect(chunks.flatMap(({ chunk }) => (chunk.type === 'tool_end' ? [chunk.step] : []))).toEqual([1]);
    expect(await handle?.getUsageRollup()).toMatchObject({ toolStats: { totalCalls: 1, failedCalls: 0 } });
  });

  it('begins the body of a call that is safe to repeat three times at most, over all its owners', async () => {
    const { store, executor } = shared();
    const bodies: unknown[] = [];
    const tool = action(
      'search',
      ({ attempt, dispatchId }) => {
        bodies.push({ attempt, dispatchId });
        return hangs();
      },
      { replay: 'safe' },
    );
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [tool] });
    let process = executor([calls(['search', {}])]);
    await process.execute(agent, 'Hi', { sessionId: 's' });
    for (const body of [1, 2, 3]) {
      await expect.poll(() => bodies.length).toBe(body);
      await process.close();
      process = executor([answers('ok')]);
      await process.getHandle(agent, 's');
    }
    expect(await (await process.getHandle(agent, 's'))?.result()).toMatchObject({ output: 'ok' });
    const dispatchId = `${await streamOf(store, 's')}:call_1`;
    expect(bodies).toEqual([1, 2, 3].map((attempt) => ({ attempt, dispatchId })));
    expect(outcomes(await store.messagesAfter('s', 0))).toMatchObject([{ type: 'unknown' }]);
  });

  it('and is stopped before the body of a call runs again does not say that it never ran', async () => {
    const { store, executor } = shared();
    const { begun, hang } = hanging();
    const tool = action('pay', hang, { replay: 'safe' });
    let isTakenOver = false;
    const beforeTool: AgentHooks['beforeTool'] = async (_, { sessionId, runId, abortSignal }) => {
      if (!isTakenOver) return;
      await store.deliver(sessionId, { kind: 'stop', runId, stop: 'interrupt', at: 0 });
      await new Promise((resolve) => abortSignal.addEventListener('abort', resolve));
    };
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [tool], hooks: { beforeTool } });
    await leave(executor([calls(['pay', {}])]), agent, begun);
    isTakenOver = true;
    const handle = await executor([]).getHandle(agent, 's');
    expect(await handle?.result()).toMatchObject({ status: 'interrupted' });
    expect(outcomes(await store.messagesAfter('s', 0))).toMatchObject([{ type: 'unknown' }]);
  });

  it('whose call was in flight counts it, as failed where nobody knows what it did', async () => {
    const { executor } = shared();
    const [paying, telling] = [hanging(), hanging()];
    const verify = (): Verification => ({ status: 'settled', result: 'paid' });
    const tools = [action('pay', paying.hang, { replay: { verify } }), action('tell', telling.hang)];
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools });
    const first = executor([calls(['pay', {}], ['tell', {}])]);
    await first.execute(agent, 'Hi', { sessionId: 's' });
    await Promise.all([paying.begun, telling.begun]);
    void first.close();
    const handle = await executor([answers('ok')]).getHandle(agent, 's');
    await handle?.result();
    expect(await handle?.getUsageRollup()).toMatchObject({
      toolStats: { totalCalls: 2, failedCalls: 1, byTool: { pay: 1, tell: 1 } },
    });
  });

  it.each([
    ['fits', { sum: 3 }, { type: 'result', value: { sum: 3 } }],
    ['does not fit', { sum: 'three' }, { type: 'error', error: { code: 'tool_output_invalid' } }],
    ['no JSON can hold', { sum: 1n }, { type: 'error', error: { code: 'tool_output_invalid' } }],
  ])('takes from the outside world what a finishing tool did, where it %s', async (_, result, outcome) => {
    const { store, executor } = shared();
    const { begun, hang } = hanging();
    const add = defineTool({
      name: 'add',
      description: 'x',
      inputSchema: z.object({}),
      finishWith: true,
      // As it comes from callers that were compiled without our types.
      replay: { verify: () => ({ status: 'settled', result: result as never }) },
      execute: (): Promise<{ sum: number }> => hang(),
    });
    const agent = defineAgent({
      name: 'a',
      systemPrompt: '',
      tools: [add],
      outputSchema: z.object({ sum: z.number() }),
    });
    await leave(executor([calls(['add', {}])]), agent, begun);
    const second = executor([calls(['__finish__', { sum: 4 }])]);
    const handle = await second.getHandle(agent, 's');
    const sum = outcome.type === 'result' ? 3 : 4;
    expect(await handle?.result()).toMatchObject({ status: 'completed', output: { sum } });
    expect(outcomes(await store.messagesAfter('s', 0))[0]).toMatchObject(outcome);
  });

  it.each<[string, () => Verification | Promise<Verification>, number, object]>([
    ['throws', () => Promise.reject(new Error('away')), 1, { type: 'unknown' }],
    ['cannot tell', () => ({ status: 'unknown' }), 1, { type: 'unknown' }],
    ['says that it did not happen', () => ({ status: 'not-done' }), 2, { type: 'result', value: 'paid' }],
  ])('has its tool asked what became of it; where that %s', async (_, verify, bodies, outcome) => {
    const { store, executor } = shared();
    const { begun, hang } = hanging();
    const execute = vi.fn<() => Promise<string>>(async () => 'paid').mockImplementationOnce(hang);
    const tool = action('pay', execute, { replay: { verify } });
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [tool] });
    await leave(executor([calls(['pay', {}])]), agent, begun);
    const handle = await executor([answers('ok')]).getHandle(agent, 's');
    expect(await handle?.result()).toMatchObject({ status: 'completed', output: 'ok' });
    expect(outcomes(await store.messagesAfter('s', 0))).toMatchObject([outcome]);
    expect(execute).toHaveBeenCalledTimes(bodies);
  });

  it('has its tool asked for the user of the session, whoever asks', async () => {
    const { executor } = shared();
    const { begun, hang } = hanging();
    const verify = vi.fn<(context: VerifyContext<unknown>) => Verification>(() => ({ status: 'unknown' }));
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [action('pay', hang, { replay: { verify } })] });
    const first = executor([calls(['pay', {}])]);
    const identity = { userId: 'ann', tags: ['trial'], metadata: { plan: 'free' } };
    await first.execute(agent, 'Hi', { sessionId: 's', ...identity });
    await begun;
    await first.close();
    await (await executor([answers('ok')]).getHandle(agent, 's'))?.result();
    expect(verify).toHaveBeenCalledExactlyOnceWith(expect.objectContaining(identity));
  });

  it('whose tool takes other arguments in the next release has its call refused, and goes on', async () => {
    const { store, executor } = shared();
    const { begun, hang } = hanging();
    const look = (inputSchema: z.ZodObject) => {
      const tool = defineTool({ name: 'look', description: 'x', inputSchema, replay: 'safe', execute: hang });
      return defineAgent({ name: 'a', systemPrompt: '', tools: [tool] });
    };
    const old = look(z.object({ at: z.string() }));
    await leave(executor([calls(['look', { at: 'here' }])]), old, begun);
    const handle = await executor([answers('ok')]).getHandle(look(z.object({ at: z.number() })), 's');
    expect(await handle?.result()).toMatchObject({ status: 'completed', output: 'ok' });
    expect(outcomes(await store.messagesAfter('s', 0))).toMatchObject([
      { type: 'error', error: { code: 'tool_input_invalid' } },
    ]);
  });

  it('whose tools the next release has no more has its calls refused, and goes on', async () => {
    const { store, executor } = shared();
    const { begun, hang } = hanging();
    const tools = ['in_flight', 'to_come'].map((name) => action(name, hang, { replay: 'safe', sequential: true }));
    const agent = { name: 'a', systemPrompt: '' };
    const process = executor([calls(['in_flight', {}], ['to_come', {}])]);
    await leave(process, defineAgent({ ...agent, tools }), begun);
    const handle = await executor([answers('ok')]).getHandle(defineAgent(agent), 's');
    expect(await handle?.result()).toMatchObject({ status: 'completed', output: 'ok' });
    const refused = { type: 'error', error: { code: 'tool_not_found' } };
    expect(outcomes(await store.messagesAfter('s', 0))).toMatchObject([refused, refused]);
  });

  it('can be stopped while its tool is asked what became of it, and does not answer', async () => {
    const { store, executor } = shared();
    const [paying, asking] = [hanging(), hanging()];
    const tool = action('pay', paying.hang, { replay: { verify: asking.hang } });
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [tool] });
    await leave(executor([calls(['pay', {}])]), agent, paying.begun);
    const handle = await executor([]).getHandle(agent, 's');
    await asking.begun;
    await handle?.interrupt();
    expect(await handle?.result()).toMatchObject({ status: 'interrupted' });
    expect(outcomes(await store.messagesAfter('s', 0))).toMatchObject([{ type: 'unknown' }]);
  });

  it('has its tool asked what became of it only while the lease of its next owner is safe', async () => {
    const { store, streams, executor } = shared();
    const { begun, hang } = hanging();
    const [asked, read, renewed] = [gate(), gate(), gate<boolean>()];
    let isSlow = false;
    const isFine = async () => {
      if (!isSlow) return true;
      asked.resolve();
      await read.promise;
      return true;
    };
    const verify = vi.fn<() => Verification>(() => ({ status: 'settled', result: 'paid' }));
    const inputSchema = z.object({}).refine(isFine);
    const tool = defineTool({ name: 'pay', description: 'x', inputSchema, replay: { verify }, execute: hang });
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [tool] });
    await leave(executor([calls(['pay', {}])]), agent, begun);
    isSlow = true;
    store.renewHolder = () => renewed.promise;
    const clock = new FakeClock();
    const second = new JSAgentExecutor(store, streams, new MockLLMAdapter([answers('ok')]), { clock });
    const handle = await second.getHandle(agent, 's');
    await asked.promise;
    await clock.advance(26_000);
    read.resolve();
    await clock.advance(0);
    expect(verify).not.toHaveBeenCalled();
    renewed.resolve(true);
    expect(await handle?.result()).toMatchObject({ status: 'completed', output: 'ok' });
    expect(verify).toHaveBeenCalledOnce();
    await second.close();
  });
});
