// Would catch: a session that is stuck because its owner left, a turn that begins over open calls, a claim that nobody drives.
import {
  AgentAlreadyRunningError,
  defineAgent,
  defineTool,
  HelixError,
  type AgentHooks,
  type HolderRequest,
  type Json,
  type SessionStateStore,
  type StepResult,
  type ToolContext,
  type Verification,
} from '@helix-agents/core';
import { FakeClock, MockLLMAdapter, type MockStep } from '@helix-agents/core/testing';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { answers, calls, collect, gate, note, outcomes, plain } from '../test/harness.ts';
import { JSAgentExecutor } from './index.ts';

/** Processes over one store. */
function shared() {
  const store = new InMemoryStateStore();
  const streams = new InMemoryStreamManager();
  const executor = (script: readonly MockStep[], over: SessionStateStore = store) =>
    new JSAgentExecutor(over, streams, new MockLLMAdapter(script), { limits: { stopGraceMs: 20 } });
  return { store, streams, executor };
}

/** The holders that are opened from now on. */
function holdersOf(store: InMemoryStateStore): readonly HolderRequest[] {
  const holders: HolderRequest[] = [];
  const openHolder = store.openHolder.bind(store);
  store.openHolder = async (request) => {
    holders.push(request);
    await openHolder(request);
  };
  return holders;
}

const hangs = () => new Promise<never>(() => {});

/** Begins a run whose owners leave it until it waits for a person. */
async function leaveOften(executor: (script: readonly MockStep[]) => JSAgentExecutor) {
  let process = executor([hangs]);
  await process.execute(plain, 'Hi', { sessionId: 's' });
  for (let takeovers = 1; takeovers <= 5; takeovers += 1) {
    await process.close();
    process = executor([hangs]);
    await process.getHandle(plain, 's');
  }
  return process.getHandle(plain, 's');
}

describe('a run whose owner left', () => {
  it('is taken up by whoever touches it', async () => {
    const { executor } = shared();
    const first = executor([hangs]);
    await first.execute(plain, 'Hi', { sessionId: 's' });
    await first.close();
    const handle = await executor([answers('from the second')]).getHandle(plain, 's');
    expect(await handle?.result()).toMatchObject({ status: 'completed', output: 'from the second', turn: 1 });
  });

  it('has the end of each call in its stream once, whoever told of it', async () => {
    const { streams, executor } = shared();
    const begun = gate();
    const does = (name: string, sequential: boolean, execute: () => unknown) =>
      defineTool({ name, description: 'x', inputSchema: z.object({}), sequential, execute });
    const alone = () => {
      begun.resolve();
      return hangs();
    };
    const tools = [does('early', false, () => 'done'), does('alone', true, alone), does('last', true, () => 'done')];
    const agent = defineAgent({ name: 'n', systemPrompt: '', tools });
    const first = executor([calls(['early', {}], ['alone', {}], ['last', {}])]);
    await first.execute(agent, 'Hi', { sessionId: 's' });
    await begun.promise;
    await first.close();
    await (await executor([answers('Done')]).getHandle(agent, 's'))?.result();
    const { chunks } = await streams.read('s', 0);
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
    const begun = gate();
    const alone = defineTool({
      name: 'alone',
      description: 'x',
      inputSchema: z.object({}),
      sequential: true,
      execute: () => {
        begun.resolve();
        return hangs();
      },
    });
    const stateSchema = z.object({ notes: z.array(z.string()).default([]), count: z.number().default(0) });
    const agent = defineAgent({ name: 'a', systemPrompt: '', stateSchema, tools: [note, alone] });
    const first = executor([calls(['note', { text: 'a' }], ['alone', {}])]);
    await first.execute(agent, 'Hi', { sessionId: 's' });
    await begun.promise;
    await first.close();
    const next = { message: 'Still there?', state: { count: 3 } };
    await (await executor([answers('anew')]).execute(agent, next, { sessionId: 's' })).result();
    expect((await store.load('s'))?.state).toEqual({ notes: ['a'], count: 3 });
  });

  it('comes to the same by calls that do not fit beside each other, whoever closes their step', async () => {
    const { store, executor } = shared();
    const begun = gate();
    const of = (name: string, sequential: boolean, execute: (context: ToolContext) => unknown) =>
      defineTool({
        name,
        description: 'x',
        inputSchema: z.object({}),
        sequential,
        execute: (_, context) => execute(context),
      });
    const six = of('six', false, ({ updateState }) => updateState<{ sum: number }>((draft) => void (draft.sum += 6)));
    const alone = of('alone', true, () => {
      begun.resolve();
      return hangs();
    });
    const look = of('look', true, ({ getState }) => getState<{ sum: number }>().sum);
    const agent = defineAgent({
      name: 'n',
      systemPrompt: '',
      stateSchema: z.object({ sum: z.number().max(10).default(0) }),
      reducers: { sum: 'sum' },
      tools: [six, alone, look],
    });
    const first = executor([calls(['six', {}], ['six', {}], ['alone', {}], ['look', {}])]);
    await first.execute(agent, 'Hi', { sessionId: 's' });
    await begun.promise;
    await first.close();
    await (await executor([answers('Done')]).getHandle(agent, 's'))?.result();
    expect(outcomes(await store.messagesAfter('s', 0))).toMatchObject([
      { type: 'result' },
      { type: 'error', error: { code: 'tool_output_invalid' } },
      { type: 'unknown' },
      { type: 'result', value: 6 },
    ]);
    expect((await store.load('s'))?.state).toEqual({ sum: 6 });
  });

  it('too often waits for a person, and goes on with its budget of takeovers when it is resumed', async () => {
    const { store, executor } = shared();
    const parked = await leaveOften(executor);
    expect(await parked?.result()).toMatchObject({ status: 'suspended_step_partial', stepCount: 0 });
    expect((await store.load('s'))?.waits).toMatchObject([{ kind: 'operator' }]);
    const resumed = await executor([answers('at last')]).resume(plain, 's');
    expect(resumed.runId).toBe(parked?.runId);
    expect(await resumed.result()).toMatchObject({ status: 'completed', output: 'at last', turn: 1 });
    expect(await store.load('s')).toMatchObject({ waits: [], run: { takeovers: 0 } });
  });

  it('too often waits on where it is given an answer of another kind, of which the model hears once it goes on', async () => {
    const { store, executor } = shared();
    const parked = await leaveOften(executor);
    await parked?.result();
    const [wait] = (await store.load('s'))?.waits ?? [];
    const answer = { kind: 'budget', extraTokens: 5 } as const;
    const given = { kind: 'answer', waitId: wait?.waitId ?? '', generation: 0, answer, at: 1 } as const;
    expect(await store.deliver('s', given)).toMatchObject({ delivered: true });
    const looking = await executor([answers('too early')]).getHandle(plain, 's');
    expect(await looking?.result()).toMatchObject({ status: 'suspended_step_partial' });
    expect(await store.load('s')).toMatchObject({ waits: [wait], extraTokens: 0 });
    const resumed = await executor([answers('at last')]).resume(plain, 's');
    expect(await resumed.result()).toMatchObject({ status: 'completed', output: 'at last' });
    const told = (await store.messagesAfter('s', 0, 9)).filter(({ role }) => role === 'context');
    expect(told.map(({ parts }) => parts[0])).toMatchObject([{ text: expect.stringContaining('"extraTokens":5') }]);
    expect(await store.load('s')).toMatchObject({ waits: [], unread: [], extraTokens: 0 });
  });

  it('too often is not retried, and makes way for another turn', async () => {
    const { executor } = shared();
    const parked = await leaveOften(executor);
    const person = executor([answers('the next')]);
    await expect(person.retry(plain, 's')).rejects.toThrow(AgentAlreadyRunningError);
    const next = await person.execute(plain, 'Something else', { sessionId: 's' });
    expect(await next.result()).toMatchObject({ status: 'completed', output: 'the next', turn: 2 });
    expect(await parked?.result()).toMatchObject({ status: 'interrupted' });
  });

  it('too often goes on waiting where another agent is asked to resume it', async () => {
    const { store, executor } = shared();
    await (await leaveOften(executor))?.result();
    const waiting = await store.load('s');
    const stranger = defineAgent({ name: 'stranger', systemPrompt: '' });
    await expect(executor([]).resume(stranger, 's')).rejects.toMatchObject({ code: 'agent_mismatch' });
    expect(await store.load('s')).toEqual(waiting);
  });

  it('while another process reads its stream is taken up by that reader', async () => {
    const { store, streams, executor } = shared();
    const begun = gate();
    const hangsNow = () => {
      begun.resolve();
      return hangs();
    };
    const first = executor([hangsNow]);
    await first.execute(plain, 'Hi', { sessionId: 's' });
    await begun.promise;
    const clock = new FakeClock();
    const second = new JSAgentExecutor(store, streams, new MockLLMAdapter([answers('from the reader')]), { clock });
    const handle = await second.getHandle(plain, 's');
    const reading = collect(await handle!.stream());
    await first.close();
    await clock.advance(1_000);
    expect((await reading).at(-1)).toMatchObject({ type: 'output', output: 'from the reader' });
  });

  it('is left to others by an executor that was closed, also where somebody still reads there', async () => {
    const { store, streams } = shared();
    const clock = new FakeClock();
    const model = new MockLLMAdapter([hangs, answers('never')]);
    const process = new JSAgentExecutor(store, streams, model, { clock });
    const handle = await process.execute(plain, 'Hi', { sessionId: 's' });
    const ended = new AbortController();
    const reading = collect(await handle.stream({ abortSignal: ended.signal })).catch(() => []);
    const waiting = handle.result({ abortSignal: ended.signal }).catch(() => null);
    await expect.poll(() => model.requests.length).toBe(1);
    await process.close();
    await clock.advance(5_000);
    expect(model.requests).toHaveLength(1);
    ended.abort();
    await clock.advance(5_000);
    await Promise.all([reading, waiting]);
  });

  it('is ended by the next message, its open calls settled in the same commit', async () => {
    const { store, executor } = shared();
    const begun = gate();
    const deaf = defineTool({
      name: 'deaf',
      description: 'x',
      inputSchema: z.object({}),
      execute: () => {
        begun.resolve();
        return hangs();
      },
    });
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [deaf], toolExecution: 'sequential' });
    const first = executor([calls(['deaf', {}], ['deaf', {}])]);
    const old = await first.execute(agent, 'Hi', { sessionId: 's' });
    await begun.promise;
    await first.close();
    const handle = await executor([answers('anew')]).execute(agent, 'Still there?', { sessionId: 's' });
    expect(await handle.result()).toMatchObject({ status: 'completed', output: 'anew', turn: 2 });
    expect(await old.result()).toMatchObject({ status: 'interrupted', completionReason: 'superseded' });
    const messages = await store.messagesAfter('s', 0);
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'tool', 'user', 'assistant']);
    expect(outcomes(messages)).toMatchObject([
      { type: 'unknown' },
      { type: 'not-executed', reason: 'client_tool_abandoned' },
    ]);
    expect(await handle.getUsageRollup()).toMatchObject({ toolStats: { totalCalls: 1, failedCalls: 1 } });
  });

  it('is left to the runtime that it belongs to, whoever asks here', async () => {
    const { store, executor } = shared();
    const commit = store.commit.bind(store);
    store.commit = (sessionId, { run, ...given }) => {
      store.commit = commit;
      return commit(sessionId, { ...given, ...(run?.op === 'start' && { run: { ...run, runtime: 'temporal' } }) });
    };
    const first = executor([hangs]);
    const { runId } = await first.execute(plain, 'Hi', { sessionId: 's' });
    await first.close();
    const left = await store.load('s');
    const here = executor([]);
    await expect(here.execute(plain, 'Still there?', { sessionId: 's' })).rejects.toThrow(AgentAlreadyRunningError);
    expect((await here.getHandle(plain, 's'))?.runId).toBe(runId);
    expect((await here.resume(plain, 's')).runId).toBe(runId);
    expect(await store.load('s')).toEqual(left);
    await here.close();
  });

  it.each([
    ['whose state does not fit', { message: 'Still there?', state: { count: 'three' as never } }, 'input_invalid'],
    ['that is too large', { message: 'x'.repeat(2 ** 20 + 1) }, 'input_too_large'],
  ])('is left as it is by a message %s', async (_, input, code) => {
    const { store, executor } = shared();
    const agent = defineAgent({ name: 'a', systemPrompt: '', stateSchema: z.object({ count: z.number().default(0) }) });
    const first = executor([hangs]);
    await first.execute(agent, 'Hi', { sessionId: 's' });
    await first.close();
    const left = await store.load('s');
    await expect(executor([]).execute(agent, input, { sessionId: 's' })).rejects.toMatchObject({ code });
    expect(await store.load('s')).toEqual(left);
  });

  it('is left alone by its owner once it was deleted, also where it is made anew under its id', async () => {
    const { store, executor } = shared();
    const [begun, ended] = [gate<AbortSignal>(), gate()];
    const slow = defineTool({
      name: 'slow',
      description: 'x',
      inputSchema: z.object({}),
      execute: async (_, { abortSignal }) => {
        begun.resolve(abortSignal);
        await ended.promise;
        return 'of the deleted session';
      },
    });
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [slow] });
    const again = gate<StepResult>();
    const process = executor([calls(['slow', {}]), () => again.promise]);
    await process.execute(agent, 'Hi', { sessionId: 's' });
    const signal = await begun.promise;
    await store.deleteSession('s');
    const handle = await process.execute(agent, 'Anew', { sessionId: 's' });
    await expect.poll(() => signal.aborted).toBe(true);
    ended.resolve();
    again.resolve(answers('anew'));
    expect(await handle.result()).toMatchObject({ status: 'completed', output: 'anew', turn: 1 });
    const messages = await store.messagesAfter('s', 0);
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
  });

  it('leaves nothing in its stream once both were deleted, also where its owner opens that or writes it later', async () => {
    const { store, streams, executor } = shared();
    const agent = defineAgent({ name: 'a', systemPrompt: '' });
    const [opening, opened] = [gate(), gate()];
    const open = streams.openWriter.bind(streams);
    streams.openWriter = async (...given) => {
      opening.resolve();
      await opened.promise;
      return open(...given);
    };
    const process = executor([({ callbacks }) => (callbacks.onTextDelta?.('late'), Promise.resolve(answers('late')))]);
    const handle = await process.execute(agent, 'Hi', { sessionId: 's' });
    await opening.promise;
    await store.deleteSession('s');
    await streams.deleteStream('s');
    opened.resolve();
    await expect(handle.result()).rejects.toMatchObject({ code: 'state_session_not_found' });
    await expect.poll(() => streams.read('s', 0)).toEqual({ chunks: [], last: 0, floor: 0 });
  });

  it('goes on in the step that it left, for its tools and in its stream', async () => {
    const { executor, streams } = shared();
    const begun = gate();
    const steps: number[] = [];
    const tool = defineTool({
      name: 'search',
      description: 'x',
      inputSchema: z.object({}),
      replay: 'safe',
      execute: (_, { step }) => {
        steps.push(step);
        begun.resolve();
        return steps.length === 1 ? hangs() : 'found';
      },
    });
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [tool] });
    const first = executor([calls(['search', {}])]);
    await first.execute(agent, 'Hi', { sessionId: 's' });
    await begun.promise;
    void first.close();
    const handle = await executor([answers('ok')]).getHandle(agent, 's');
    await handle?.result();
    expect(steps).toEqual([1, 1]);
    const { chunks } = await streams.read('s', 0);
    expect(chunks.flatMap(({ chunk }) => (chunk.type === 'tool_end' ? [chunk.step] : []))).toEqual([1]);
    expect(await handle?.getUsageRollup()).toMatchObject({ toolStats: { totalCalls: 1, failedCalls: 0 } });
  });

  it('begins the body of a call that is safe to repeat three times at most, over all its owners', async () => {
    const { store, executor } = shared();
    const bodies: unknown[] = [];
    const tool = defineTool({
      name: 'search',
      description: 'x',
      inputSchema: z.object({}),
      replay: 'safe',
      execute: (_, { attempt, dispatchId }) => {
        bodies.push({ attempt, dispatchId });
        return hangs();
      },
    });
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
    expect(bodies).toEqual([1, 2, 3].map((attempt) => ({ attempt, dispatchId: 's:call_1' })));
    expect(outcomes(await store.messagesAfter('s', 0))).toMatchObject([{ type: 'unknown' }]);
  });

  it('and is stopped before the body of a call runs again does not say that it never ran', async () => {
    const { store, executor } = shared();
    const begun = gate();
    const execute = () => {
      begun.resolve();
      return hangs();
    };
    const tool = defineTool({ name: 'pay', description: 'x', inputSchema: z.object({}), replay: 'safe', execute });
    let isTakenOver = false;
    const beforeTool: AgentHooks['beforeTool'] = async (_, { sessionId, runId, abortSignal }) => {
      if (!isTakenOver) return;
      await store.deliver(sessionId, { kind: 'stop', runId, stop: 'interrupt', at: 0 });
      await new Promise((resolve) => abortSignal.addEventListener('abort', resolve));
    };
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [tool], hooks: { beforeTool } });
    const first = executor([calls(['pay', {}])]);
    await first.execute(agent, 'Hi', { sessionId: 's' });
    await begun.promise;
    await first.close();
    isTakenOver = true;
    const handle = await executor([]).getHandle(agent, 's');
    expect(await handle?.result()).toMatchObject({ status: 'interrupted' });
    expect(outcomes(await store.messagesAfter('s', 0))).toMatchObject([{ type: 'unknown' }]);
  });

  it('whose call was in flight counts it, as failed where nobody knows what it did', async () => {
    const { executor } = shared();
    const began = [gate(), gate()];
    const tool = (name: string, index: number, replay: 'never' | { verify(): Verification }) =>
      defineTool({
        name,
        description: 'x',
        inputSchema: z.object({}),
        replay,
        execute: () => {
          began[index]?.resolve();
          return hangs();
        },
      });
    const verify = (): Verification => ({ status: 'settled', result: 'paid' });
    const agent = defineAgent({
      name: 'a',
      systemPrompt: '',
      tools: [tool('pay', 0, { verify }), tool('tell', 1, 'never')],
    });
    const first = executor([calls(['pay', {}], ['tell', {}])]);
    await first.execute(agent, 'Hi', { sessionId: 's' });
    await Promise.all(began.map(({ promise }) => promise));
    void first.close();
    const handle = await executor([answers('ok')]).getHandle(agent, 's');
    await handle?.result();
    expect(await handle?.getUsageRollup()).toMatchObject({
      toolStats: { totalCalls: 2, failedCalls: 1, byTool: { pay: 1, tell: 1 } },
    });
  });

  it('is driven once where it was deleted and made anew, however long its tools take', async () => {
    const { store, streams } = shared();
    const clock = new FakeClock();
    const [begun, ended] = [[gate(), gate()], gate()];
    let bodies = 0;
    const slow = defineTool({
      name: 'slow',
      description: 'x',
      inputSchema: z.object({}),
      replay: 'safe',
      execute: async () => {
        bodies += 1;
        begun[bodies - 1]?.resolve();
        await ended.promise;
        return bodies;
      },
    });
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [slow] });
    const script = [calls(['slow', {}]), calls(['slow', {}]), answers('anew')];
    const process = new JSAgentExecutor(store, streams, new MockLLMAdapter(script), { clock });
    await process.execute(agent, 'Hi', { sessionId: 's' });
    await begun[0]?.promise;
    await store.deleteSession('s');
    const handle = await process.execute(agent, 'Anew', { sessionId: 's' });
    await begun[1]?.promise;
    await clock.advance(5_000);
    ended.resolve();
    expect(await handle.result()).toMatchObject({ status: 'completed', output: 'anew' });
    expect(outcomes(await store.messagesAfter('s', 0))).toEqual([{ type: 'result', value: 2 }]);
    expect(bodies).toBe(2);
  });

  it.each([
    ['fits', { sum: 3 }, { type: 'result', value: { sum: 3 } }],
    ['does not fit', { sum: 'three' }, { type: 'error', error: { code: 'tool_output_invalid' } }],
    ['no JSON can hold', { sum: 1n }, { type: 'error', error: { code: 'tool_output_invalid' } }],
  ])('takes from the outside world what a finishing tool did, where it %s', async (_, result, outcome) => {
    const { store, executor } = shared();
    const begun = gate();
    const add = defineTool({
      name: 'add',
      description: 'x',
      inputSchema: z.object({}),
      finishWith: true,
      // As it comes from callers that were compiled without our types.
      replay: { verify: () => ({ status: 'settled', result: result as never }) },
      execute: (): Promise<{ sum: number }> => {
        begun.resolve();
        return hangs();
      },
    });
    const agent = defineAgent({
      name: 'a',
      systemPrompt: '',
      tools: [add],
      outputSchema: z.object({ sum: z.number() }),
    });
    const first = executor([calls(['add', {}])]);
    await first.execute(agent, 'Hi', { sessionId: 's' });
    await begun.promise;
    await first.close();
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
    const begun = gate();
    const execute = vi
      .fn<() => Promise<string>>(async () => 'paid')
      .mockImplementationOnce(() => {
        begun.resolve();
        return hangs();
      });
    const tool = defineTool({ name: 'pay', description: 'x', inputSchema: z.object({}), replay: { verify }, execute });
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [tool] });
    const first = executor([calls(['pay', {}])]);
    await first.execute(agent, 'Hi', { sessionId: 's' });
    await begun.promise;
    await first.close();
    const handle = await executor([answers('ok')]).getHandle(agent, 's');
    expect(await handle?.result()).toMatchObject({ status: 'completed', output: 'ok' });
    expect(outcomes(await store.messagesAfter('s', 0))).toMatchObject([outcome]);
    expect(execute).toHaveBeenCalledTimes(bodies);
  });

  it('whose tool takes other arguments in the next release has its call refused, and goes on', async () => {
    const { store, executor } = shared();
    const begun = gate();
    const look = (inputSchema: z.ZodObject) =>
      defineAgent({
        name: 'a',
        systemPrompt: '',
        tools: [
          defineTool({
            name: 'look',
            description: 'x',
            inputSchema,
            replay: 'safe',
            execute: () => {
              begun.resolve();
              return hangs();
            },
          }),
        ],
      });
    const old = look(z.object({ at: z.string() }));
    const first = executor([calls(['look', { at: 'here' }])]);
    await first.execute(old, 'Hi', { sessionId: 's' });
    await begun.promise;
    await first.close();
    const handle = await executor([answers('ok')]).getHandle(look(z.object({ at: z.number() })), 's');
    expect(await handle?.result()).toMatchObject({ status: 'completed', output: 'ok' });
    expect(outcomes(await store.messagesAfter('s', 0))).toMatchObject([
      { type: 'error', error: { code: 'tool_input_invalid' } },
    ]);
  });

  it('can be stopped while its tool is asked what became of it, and does not answer', async () => {
    const { store, executor } = shared();
    const [begun, asked] = [gate(), gate()];
    const verify = () => {
      asked.resolve();
      return hangs();
    };
    const execute = () => {
      begun.resolve();
      return hangs();
    };
    const tool = defineTool({ name: 'pay', description: 'x', inputSchema: z.object({}), replay: { verify }, execute });
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [tool] });
    const first = executor([calls(['pay', {}])]);
    await first.execute(agent, 'Hi', { sessionId: 's' });
    await begun.promise;
    await first.close();
    const handle = await executor([]).getHandle(agent, 's');
    await asked.promise;
    await handle?.interrupt();
    expect(await handle?.result()).toMatchObject({ status: 'interrupted' });
    expect(outcomes(await store.messagesAfter('s', 0))).toMatchObject([{ type: 'unknown' }]);
  });

  it('has its tool asked what became of it only while the lease of its next owner is safe', async () => {
    const { store, streams, executor } = shared();
    const [begun, asked, read, renewed] = [gate(), gate(), gate(), gate<boolean>()];
    let isSlow = false;
    const isFine = async () => {
      if (!isSlow) return true;
      asked.resolve();
      await read.promise;
      return true;
    };
    const verify = vi.fn<() => Verification>(() => ({ status: 'settled', result: 'paid' }));
    const execute = () => {
      begun.resolve();
      return hangs();
    };
    const inputSchema = z.object({}).refine(isFine);
    const tool = defineTool({ name: 'pay', description: 'x', inputSchema, replay: { verify }, execute });
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [tool] });
    const first = executor([calls(['pay', {}])]);
    await first.execute(agent, 'Hi', { sessionId: 's' });
    await begun.promise;
    await first.close();
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

  it('whose next owner loses it too, while a finish is read, is not told that the finish failed', async () => {
    const { store, executor } = shared();
    const holders = holdersOf(store);
    const [begun, asked] = [gate(), gate()];
    let answersLate = false;
    const isFine = async () => {
      if (!answersLate) return true;
      asked.resolve();
      return hangs();
    };
    const slow = defineTool({
      name: 'slow',
      description: 'x',
      inputSchema: z.object({}),
      execute: () => {
        begun.resolve();
        return hangs();
      },
    });
    const outputSchema = z.object({ a: z.string().refine(isFine) });
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [slow], outputSchema });
    const first = executor([calls(['slow', {}], ['__finish__', { a: 'x' }])]);
    await first.execute(agent, 'Hi', { sessionId: 's' });
    await begun.promise;
    answersLate = true;
    await first.close();
    const second = executor([]);
    await second.getHandle(agent, 's');
    await asked.promise;
    holders.at(-1)?.onLost?.();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(JSON.stringify(await store.messagesAfter('s', 0))).not.toContain('state_lease_lost');
    expect((await store.load('s'))?.run?.phase.at).toBe('running');
  });

  it('goes on with the process that found it where the store refuses the next message', async () => {
    const { store, executor } = shared();
    const first = executor([hangs]);
    await first.execute(plain, 'Hi', { sessionId: 's' });
    await first.close();
    const second = executor([answers('of the first turn')]);
    vi.spyOn(store, 'commit').mockRejectedValueOnce(new HelixError('input_invalid', 'no store holds this'));
    await expect(second.execute(plain, 'And now?', { sessionId: 's' })).rejects.toMatchObject({
      code: 'input_invalid',
    });
    await expect.poll(async () => (await store.load('s'))?.run?.phase).toMatchObject({ output: 'of the first turn' });
    expect((await store.load('s'))?.run?.turn).toBe(1);
  });

  it('goes on where the message that began it is sent again by who knew only the run before', async () => {
    const { store, executor } = shared();
    const first = executor([hangs]);
    await first.execute(plain, 'Hi', { sessionId: 's' });
    const before = await store.load('s');
    await first.close();
    const second = executor([hangs]);
    const input = { message: 'Still there?', messageId: 'msg_b' };
    const begun = await second.execute(plain, input, { sessionId: 's' });
    await second.close();
    vi.spyOn(store, 'load').mockResolvedValueOnce(before);
    const again = await executor([answers('yes')]).execute(plain, input, { sessionId: 's' });
    expect(again.runId).toBe(begun.runId);
    await expect.poll(async () => (await store.load('s'))?.run?.phase).toMatchObject({ output: 'yes' });
  });

  it('gets nothing written by an owner that lost its lease while it judged a step', async () => {
    const { store, executor } = shared();
    const holders = holdersOf(store);
    const committed = vi.spyOn(store, 'commit');
    const judged = gate<number>();
    const look = defineTool({ name: 'look', description: 'x', inputSchema: z.object({}), execute: () => 'seen' });
    const stopWhen = () => {
      holders[0]?.onLost?.();
      judged.resolve(committed.mock.calls.length);
      return false;
    };
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [look], stopWhen });
    const process = executor([calls(['look', {}]), hangs]);
    await process.execute(agent, 'Hi', { sessionId: 's' });
    const before = await judged.promise;
    await process.close();
    expect(committed).toHaveBeenCalledTimes(before);
    expect(outcomes(await store.messagesAfter('s', 0))).toEqual([]);
  });

  it('is left to its next owner where its lease was lost while its stream was opened', async () => {
    const { store, streams, executor } = shared();
    const holders = holdersOf(store);
    const open = streams.openWriter.bind(streams);
    vi.spyOn(streams, 'openWriter').mockImplementationOnce((...args) => {
      holders[0]?.onLost?.();
      return open(...args);
    });
    const first = executor([]);
    await first.execute(plain, 'Hi', { sessionId: 's' });
    await first.close();
    expect(await store.load('s')).toMatchObject({ step: null, run: { phase: { at: 'running' } } });
    await store.closeHolder(holders[0]?.holderId ?? '');
    const handle = await executor([answers('from the second')]).getHandle(plain, 's');
    expect(await handle?.result()).toMatchObject({ status: 'completed', output: 'from the second' });
  });

  it('is stopped for good by whoever asks for it, with nobody else to do so', async () => {
    const { store, executor } = shared();
    const first = executor([hangs]);
    await first.execute(plain, 'Hi', { sessionId: 's' });
    await first.close();
    await executor([]).interrupt(plain, 's');
    await expect.poll(async () => (await store.load('s'))?.run?.phase).toMatchObject({ outcome: 'interrupted' });
  });

  it('and that is ours without our knowing is driven at the next touch', async () => {
    const { store, executor } = shared();
    const holders = holdersOf(store);
    const first = executor([hangs]);
    await first.execute(plain, 'Hi', { sessionId: 's' });
    await first.close();
    const second = executor([hangs, answers('in the end')]);
    await second.execute(plain, 'Hi', { sessionId: 'other' });
    const claim = { holderId: holders.at(-1)?.holderId ?? '', runtime: 'js', token: 'unheard', resume: false };
    expect(await store.claim('s', claim)).toMatchObject({ claimed: true });
    const handle = await second.getHandle(plain, 's');
    expect(await handle?.result()).toMatchObject({ output: 'in the end' });
    await second.close();
  });

  it('is found again by the message that began it, and goes on', async () => {
    const { executor } = shared();
    const input = { message: 'Hi', messageId: 'msg_a' };
    const first = executor([hangs]);
    const begun = await first.execute(plain, input, { sessionId: 's' });
    await first.close();
    const again = await executor([answers('done')]).execute(plain, input, { sessionId: 's' });
    expect(again.runId).toBe(begun.runId);
    expect(await again.result()).toMatchObject({ output: 'done', turn: 1 });
  });
});

it('a process whose lease was lost begins its next run under another one', async () => {
  const { store, executor } = shared();
  const holders = holdersOf(store);
  const begun = gate();
  const process = executor([
    () => {
      begun.resolve();
      return hangs();
    },
    answers('under another'),
  ]);
  await process.execute(plain, 'Hi', { sessionId: 's' });
  await begun.promise;
  holders[0]?.onLost?.();
  const handle = await process.execute(plain, 'Hi', { sessionId: 't' });
  expect(await handle.result()).toMatchObject({ status: 'completed', output: 'under another' });
  expect(new Set(holders.map(({ holderId }) => holderId)).size).toBe(2);
});

it('a session whose claim was granted, and the reply lost, is driven without a further touch', async () => {
  const { store, executor } = shared();
  const first = executor([hangs]);
  await first.execute(plain, 'Hi', { sessionId: 's' });
  await first.close();
  let lost = 0;
  const lossy = new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (name !== 'claim' || lost > 0) return value.bind(target) as unknown;
      return async (...args: Parameters<SessionStateStore['claim']>) => {
        lost += 1;
        await target.claim(...args);
        throw new Error('the connection was lost');
      };
    },
  });
  const second = executor([answers('in the end')], lossy);
  await expect(second.getHandle(plain, 's')).rejects.toThrow('the connection was lost');
  await expect.poll(async () => (await store.head('s'))?.phase).toBe('ended');
  const handle = await second.getHandle(plain, 's');
  expect(await handle?.result()).toMatchObject({ output: 'in the end' });
  expect(lost).toBe(1);
});

it('an entry that landed, and the reply lost, is driven by the process that made it', async () => {
  const { store, executor } = shared();
  let lost = 0;
  const lossy = new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (name !== 'commit' || lost > 0) return value.bind(target) as unknown;
      return async (...args: Parameters<SessionStateStore['commit']>) => {
        lost += 1;
        await target.commit(...args);
        return { landed: 'unknown', cause: new Error('the connection was lost') };
      };
    },
  });
  const first = executor([answers('all the same')], lossy);
  await expect(first.execute(plain, 'Hi', { sessionId: 's' })).rejects.toMatchObject({ code: 'state_commit_unknown' });
  await expect.poll(async () => (await store.head('s'))?.phase).toBe('ended');
  expect(await (await first.getHandle(plain, 's'))?.result()).toMatchObject({ output: 'all the same' });
});

it('an entry that lands after it was given up, as where it waited for a lock, is driven by the process that made it', async () => {
  const { store, streams } = shared();
  const clock = new FakeClock();
  const commit = store.commit.bind(store);
  let late: (() => Promise<unknown>) | undefined;
  vi.spyOn(store, 'commit').mockImplementationOnce(async (...args) => {
    late = () => commit(...args);
    return { landed: 'unknown', cause: new Error('no answer in 10 s') };
  });
  const process = new JSAgentExecutor(store, streams, new MockLLMAdapter([answers('late, but driven')]), { clock });
  await expect(process.execute(plain, 'Hi', { sessionId: 's' })).rejects.toMatchObject({
    code: 'state_commit_unknown',
  });
  await clock.advance(5_000);
  await late?.();
  await clock.advance(10_000);
  await expect.poll(async () => (await store.load('s'))?.run?.phase).toMatchObject({ output: 'late, but driven' });
  await process.close();
});

it('an entry that the store refuses is not looked for: nothing holds the lease, or the process', async () => {
  const { store, streams } = shared();
  const clock = new FakeClock();
  const process = new JSAgentExecutor(store, streams, new MockLLMAdapter([]), { clock });
  let deep: Json = 'deep';
  for (let level = 0; level < 1_000; level += 1) deep = [deep];
  const entry = process.execute(plain, { message: 'Hi', state: { deep } }, { sessionId: 's' });
  await expect(entry).rejects.toMatchObject({ code: 'input_invalid' });
  await clock.advance(1_000);
  expect(clock.pending).toBe(0);
});
