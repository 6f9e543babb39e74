// Would catch: a stop that waits for the model, loses what the user saw, leaves a call without a result, or ends the wrong run.
import {
  defineAgent,
  defineTool,
  type Agent,
  type AgentHooks,
  type LLMGenerateInput,
  type SessionStateStore,
  type StepResult,
  type StreamManager,
  type StreamWriter,
} from '@helix-agents/core';
import { FakeClock, MockLLMAdapter } from '@helix-agents/core/testing';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  action,
  answers,
  calls,
  collect,
  gate,
  hanging,
  hangs,
  inMemory,
  note,
  outcomes,
  plain,
  textOf,
} from '../test/harness.ts';
import { JSAgentExecutor } from './index.ts';

/** A model that says two words and then hangs, deaf to its signal. */
function saysTwoWords(spoken: () => void) {
  return ({ callbacks }: LLMGenerateInput): Promise<StepResult> => {
    callbacks.onTextDelta?.('Two ');
    callbacks.onTextDelta?.('words');
    spoken();
    return hangs();
  };
}

/** A run that was interrupted between two words; what the model says when it is asked again. */
async function interrupted(next: StepResult) {
  const spoken = gate();
  const made = inMemory([saysTwoWords(spoken.resolve), next]);
  const handle = await made.executor.execute(plain, 'Hi', { sessionId: 's' });
  await spoken.promise;
  await handle.interrupt();
  await handle.result();
  return { ...made, handle };
}

/** A model that hangs before it says anything, deaf to its signal. */
function silent(asked: () => void) {
  return (): Promise<StepResult> => {
    asked();
    return new Promise(() => {});
  };
}

describe('an interrupt', () => {
  it('cuts the model call and keeps what the user saw, flagged, of which no hook hears', async () => {
    const spoken = gate();
    const heard: string[] = [];
    const hooks: AgentHooks = { onMessage: ({ message }) => void heard.push(message.role) };
    const agent = defineAgent({ name: 'a', systemPrompt: '', hooks });
    const { executor, store, streams } = inMemory([saysTwoWords(spoken.resolve)]);
    const handle = await executor.execute(agent, 'Hi', { sessionId: 's' });
    await spoken.promise;
    await handle.interrupt('enough');
    expect(await handle.result()).toMatchObject({ status: 'interrupted', completionReason: 'stop' });
    expect((await store.messagesAfter('s', 1))[0]).toMatchObject({
      role: 'assistant',
      interrupted: true,
      parts: [{ type: 'text', text: 'Two words' }],
    });
    expect(heard).toEqual([]);
    expect(await textOf({ store, streams }, 's')).toBe('Two words');
    expect((await collect(await handle.stream())).map(({ type }) => type)).not.toContain('error');
  });

  it.each([
    ['before the first word', silent, 0],
    ['between two words', saysTwoWords, 1],
  ])('ends the run within 100 ms %s, with no timer to wait for', async (_, step, kept) => {
    const reached = gate();
    const { executor, store } = inMemory([step(reached.resolve)], { clock: new FakeClock() });
    const handle = await executor.execute(plain, 'Hi', { sessionId: 's' });
    await reached.promise;
    const stoppedAt = performance.now();
    await handle.interrupt();
    expect(await handle.result()).toMatchObject({ status: 'interrupted', stepCount: 0 });
    expect(performance.now() - stoppedAt).toBeLessThan(100);
    expect(await store.messagesAfter('s', 1)).toHaveLength(kept);
  });

  it('is dealt with by the end of its run, and left to no later one', async () => {
    const { store } = await interrupted(answers('The rest'));
    expect(await store.load('s')).toMatchObject({ run: { phase: { outcome: 'interrupted' } }, unread: [] });
  });

  it('leaves a session that resumes where it stopped, and tells the model that its words were cut', async () => {
    const { llm, handle, store } = await interrupted(answers('The rest'));
    expect(await handle.canResume()).toEqual({ canResume: true });
    const resumed = await handle.resume();
    expect(await resumed.result()).toMatchObject({ status: 'completed', output: 'The rest', turn: 1 });
    const asked = llm.requests[1]?.messages ?? [];
    expect(asked.map(({ role }) => role)).toEqual(['user', 'assistant', 'context']);
    expect(asked.at(-1)?.parts).toMatchObject([{ text: expect.stringContaining('Go on behind its last word') }]);
    // A row, so that what later calls are asked begins as this one did.
    expect((await store.messagesAfter('s', 0)).slice(0, 3)).toEqual(asked);
  });

  it('can be answered with a message instead', async () => {
    const { handle } = await interrupted(answers('Fine'));
    const resumed = await handle.resume({ mode: 'with_message', message: 'shorter' });
    expect(await resumed.result()).toMatchObject({ output: 'Fine', turn: 2 });
  });

  it('that is resumed with a message goes on with it, also where no mode is named', async () => {
    const { llm, handle } = await interrupted(answers('Fine'));
    const resumed = await handle.resume({ message: 'shorter' });
    expect(await resumed.result()).toMatchObject({ output: 'Fine', turn: 2 });
    expect(llm.requests[1]?.messages.at(-1)).toMatchObject({ role: 'user', parts: [{ text: 'shorter' }] });
  });

  it('that is resumed twice at once makes one run, held by both', async () => {
    const { executor, llm } = await interrupted(answers('The rest'));
    const [a, b] = await Promise.all([executor.resume(plain, 's'), executor.resume(plain, 's')]);
    expect(a.runId).toBe(b.runId);
    expect(await b.result()).toMatchObject({ output: 'The rest' });
    expect(llm.remaining).toBe(0);
  });

  it('that is resumed with two messages at once takes one, and refuses the other rather than lose it', async () => {
    const { executor, store, handle } = await interrupted(answers('The rest'));
    const both = await Promise.allSettled(
      ['a', 'b'].map((message) => handle.resume({ mode: 'with_message', message })),
    );
    const [resumed] = both.filter(({ status }) => status === 'fulfilled');
    const [refused] = both.filter(({ status }) => status === 'rejected');
    expect(refused).toMatchObject({ reason: { code: 'state_already_running', name: 'AgentAlreadyRunningError' } });
    expect(resumed).toBeDefined();
    expect(await (await executor.getHandle(plain, 's'))?.result()).toMatchObject({ output: 'The rest', turn: 2 });
    const roles = (await store.messagesAfter('s', 0)).map(({ role }) => role);
    expect(roles).toEqual(['user', 'assistant', 'user', 'assistant']);
  });

  it('that is resumed twice at once with the same message id makes one run, held by both', async () => {
    const { llm, handle } = await interrupted(answers('The rest'));
    const message = { message: 'shorter', messageId: 'msg_a' };
    const [a, b] = await Promise.all([handle.resume({ message }), handle.resume({ message })]);
    expect(a.runId).toBe(b.runId);
    expect(await b.result()).toMatchObject({ output: 'The rest', turn: 2 });
    expect(llm.remaining).toBe(0);
  });
});

describe('an abort', () => {
  it('fails the run with its reason, and cannot be resumed', async () => {
    const spoken = gate();
    const { executor } = inMemory([saysTwoWords(spoken.resolve)]);
    const handle = await executor.execute(plain, 'Hi', { sessionId: 's' });
    await spoken.promise;
    await handle.abort('no longer needed');
    const error = { code: 'framework_cancelled', message: 'no longer needed' };
    expect(await handle.result()).toMatchObject({ status: 'failed', error });
    expect((await collect(await handle.stream())).map(({ type }) => type)).toEqual(['text_delta', 'text_delta']);
    expect(await handle.canResume()).toEqual({ canResume: false, reason: 'failed_use_retry' });
    await expect(handle.resume()).rejects.toMatchObject({ code: 'state_not_resumable' });
  });

  it('is told to the hooks as the failure that it is', async () => {
    const spoken = gate();
    const failed = gate<string>();
    const agent = defineAgent({
      name: 'told',
      systemPrompt: '',
      hooks: { onAgentFail: ({ error }) => failed.resolve(error.code) },
    });
    const { executor } = inMemory([saysTwoWords(spoken.resolve)]);
    const handle = await executor.execute(agent, 'Hi');
    await spoken.promise;
    await handle.abort();
    expect(await failed.promise).toBe('framework_cancelled');
  });

  it('of a run that is over changes nothing', async () => {
    const { executor, store } = inMemory([answers('One')]);
    const handle = await executor.execute(plain, 'Hi', { sessionId: 's' });
    expect(await handle.result()).toMatchObject({ status: 'completed' });
    const before = await store.load('s');
    await handle.abort();
    expect(await store.load('s')).toEqual(before);
  });

  it('of a run that was interrupted before is refused, and leaves it resumable', async () => {
    const { executor, handle, store } = await interrupted(answers('The rest'));
    const before = await store.load('s');
    for (const abort of [() => handle.abort(), () => executor.abort(plain, 's')])
      await expect(abort()).rejects.toMatchObject({ code: 'state_run_over', retryable: false });
    await handle.interrupt();
    expect(await store.load('s')).toEqual(before);
    expect(await (await handle.resume()).result()).toMatchObject({ status: 'completed', output: 'The rest' });
    // The handle's own run was followed by another: there is nothing left to stop.
    await handle.abort();
  });

  it('that races the end of an interrupted run is refused as well', async () => {
    const spoken = gate();
    const { executor, store } = inMemory([saysTwoWords(spoken.resolve)]);
    const handle = await executor.execute(plain, 'Hi', { sessionId: 's' });
    await spoken.promise;
    const deliver = store.deliver.bind(store);
    store.deliver = async (sessionId, item) => {
      store.deliver = deliver;
      await handle.interrupt();
      await handle.result();
      return deliver(sessionId, item);
    };
    await expect(handle.abort()).rejects.toMatchObject({ code: 'state_run_over' });
  });

  it('of a session that is not there says so', async () => {
    const { executor } = inMemory([]);
    await expect(executor.abort(plain, 'nobody')).rejects.toMatchObject({ code: 'state_session_not_found' });
  });
});

describe('a stop while tools run', () => {
  it('tells them, takes the result of one that ends in time, and does not know what the other did', async () => {
    const { begun, hang } = hanging();
    const listens = action(
      'listens',
      ({ abortSignal }) =>
        new Promise<string>((resolve) => abortSignal.addEventListener('abort', () => resolve('ended'))),
    );
    const deaf = action('deaf', hang);
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [listens, deaf] });
    const { executor, store } = inMemory([calls(['listens', {}], ['deaf', {}])], {
      limits: { stopGraceMs: 20, drainMs: 20 },
    });
    const handle = await executor.execute(agent, 'Hi', { sessionId: 's' });
    await begun;
    await handle.interrupt();
    expect(await handle.result()).toMatchObject({ status: 'interrupted' });
    expect(outcomes(await store.messagesAfter('s', 0))).toMatchObject([
      { type: 'result', value: 'ended' },
      { type: 'unknown' },
    ]);
  });
});

it('a stop of which no signal came is heeded with the next commit: no model is asked any more', async () => {
  const { executor, store, llm } = inMemory([calls(['stops', {}]), answers('never')], { clock: new FakeClock() });
  store.signals.watch = () => () => {};
  const stops = action('stops', async ({ sessionId, runId }) => {
    await store.deliver(sessionId, { kind: 'stop', runId, stop: 'interrupt', at: 0 });
    return 'done';
  });
  const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [stops] });
  const handle = await executor.execute(agent, 'Hi', { sessionId: 's' });
  expect(await handle.result()).toMatchObject({ status: 'interrupted', stepCount: 1 });
  expect(llm.requests).toHaveLength(1);
  expect(outcomes(await store.messagesAfter('s', 0))).toEqual([{ type: 'result', value: 'done' }]);
});

describe('a stop is not held up by', () => {
  const greet = action('greet', () => 'Hello');
  const failsBy = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));

  async function stopWhile(running: Promise<void>, agent: Agent<unknown, string>) {
    const { executor, store } = inMemory([calls(['greet', {}]), answers('Done')], {
      limits: { stopGraceMs: 20, drainMs: 20 },
    });
    const handle = await executor.execute(agent, 'Hi', { sessionId: 's' });
    await running;
    await handle.interrupt();
    const result = await handle.result();
    return { result, outcomes: outcomes(await store.messagesAfter('s', 0)) };
  }

  it.each([
    ['onAgentStart', []],
    ['onStepStart', []],
    ['beforeLLMCall', []],
    ['afterLLMCall', []],
    ['onMessage', []],
    ['beforeTool', [{ type: 'not-executed', reason: 'run_stopped' }]],
    ['afterTool', [{ type: 'result', value: 'Hello' }]],
    ['onStepEnd', [{ type: 'result', value: 'Hello' }]],
  ] as const)('the hook %s when it is deaf to its signal, and no result is lost', async (name, expected) => {
    const { begun, hang } = hanging();
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [greet], hooks: { [name]: hang } });
    const { result, outcomes: kept } = await stopWhile(begun, agent);
    expect(result).toMatchObject({ status: 'interrupted', completionReason: 'stop' });
    expect(kept).toMatchObject(expected);
    expect(kept).toHaveLength(expected.length);
  });

  it.each([
    ['afterLLMCall', 'is deaf to it', hangs],
    ['onMessage', 'is deaf to it', hangs],
    ['afterLLMCall', 'fails by it', failsBy],
    ['onMessage', 'fails by it', failsBy],
  ])('the hook %s where it %s, nor does it cost what the user saw', async (name, _, heed) => {
    const reached = gate();
    const hook: AgentHooks['onMessage'] = (_payload, { abortSignal }) => {
      reached.resolve();
      return heed(abortSignal);
    };
    const agent = defineAgent({ name: 'a', systemPrompt: '', hooks: { [name]: hook } });
    const { executor, store, streams } = inMemory([answers('Two words')], { limits: { stopGraceMs: 20, drainMs: 20 } });
    const handle = await executor.execute(agent, 'Hi', { sessionId: 's' });
    await reached.promise;
    await handle.interrupt();
    expect(await handle.result()).toMatchObject({ status: 'interrupted' });
    expect(await store.messagesAfter('s', 1)).toMatchObject([{ interrupted: true, parts: [{ text: 'Two words' }] }]);
    expect(await textOf({ store, streams }, 's')).toBe('Two words');
  });

  it('the hook beforeTool where it fails by it, and the call is not taken for one that failed', async () => {
    const reached = gate();
    const beforeTool: AgentHooks['beforeTool'] = (_, { abortSignal }) => {
      reached.resolve();
      return failsBy(abortSignal);
    };
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [greet], hooks: { beforeTool } });
    const { result, outcomes: kept } = await stopWhile(reached.promise, agent);
    expect(result).toMatchObject({ status: 'interrupted', completionReason: 'stop' });
    expect(kept).toMatchObject([{ type: 'not-executed', reason: 'run_stopped' }]);
  });

  it('a schema that never answers', async () => {
    const { begun, hang } = hanging();
    const tool = defineTool({
      name: 'greet',
      description: 'x',
      inputSchema: z.object({ to: z.string().default('you').refine(hang) }),
      execute: () => 'Hello',
    });
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [tool] });
    expect((await stopWhile(begun, agent)).result).toMatchObject({ status: 'interrupted' });
  });

  it('a tool that was left behind and goes on emitting, however slow the stream is', async () => {
    const begun = gate();
    let talking: NodeJS.Timeout | undefined;
    const noisy = action('noisy', ({ emit }) => {
      talking = setInterval(() => emit('still', { here: true }), 1);
      begun.resolve();
      return hangs();
    });
    const streams = new InMemoryStreamManager();
    const slow: StreamManager = Object.assign(Object.create(null) as object, {
      contract: 'helix.stream-manager/2' as const,
      durability: 'none' as const,
      limits: streams.limits,
      read: streams.read.bind(streams),
      watch: streams.watch.bind(streams),
      poke: streams.poke.bind(streams),
      trim: streams.trim.bind(streams),
      deleteStream: streams.deleteStream.bind(streams),
      openWriter: async (...given: Parameters<StreamManager['openWriter']>) => {
        const writer = await streams.openWriter(...given);
        const append: StreamWriter['append'] = async (batchNo, chunks) => {
          await new Promise((resolve) => setTimeout(resolve, 8));
          return writer.append(batchNo, chunks);
        };
        return { startSequence: writer.startSequence, append };
      },
    });
    const llm = new MockLLMAdapter([calls(['noisy', {}])]);
    const executor = new JSAgentExecutor(new InMemoryStateStore(), slow, llm, {
      limits: { stopGraceMs: 20, drainMs: 20 },
    });
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [noisy] });
    const handle = await executor.execute(agent, 'Hi', { sessionId: 's' });
    await begun.promise;
    await handle.interrupt();
    expect(await handle.result()).toMatchObject({ status: 'interrupted' });
    await executor.close();
    clearInterval(talking);
  });

  it('stopWhen when it never answers, and no result is lost', async () => {
    const { begun, hang } = hanging();
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [greet], stopWhen: hang });
    const { result, outcomes: kept } = await stopWhile(begun, agent);
    expect(result).toMatchObject({ status: 'interrupted' });
    expect(kept).toMatchObject([{ type: 'result', value: 'Hello' }]);
  });
});

/** What a store with a wire between does: nothing that is read is the object that was written. */
function wired(store: InMemoryStateStore): SessionStateStore {
  return new Proxy<SessionStateStore>(store, {
    get(target, name) {
      if (name === 'load') return async (sessionId: string) => structuredClone(await target.load(sessionId));
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}

describe.each(['in memory', 'behind a wire'])('what arrives while a step is judged, %s,', (where) => {
  it('calls no hook and no judge again, and takes nothing from the stream that hooks said', async () => {
    const called: string[] = [];
    const agent = defineAgent({
      name: 'a',
      systemPrompt: '',
      tools: [note],
      stateSchema: z.object({ notes: z.array(z.string()).default([]) }),
      hooks: {
        afterTool: ({ toolCallId }, { emitCustom }) => {
          called.push(toolCallId);
          emitCustom('after', { toolCallId });
        },
        onStepEnd: () => void called.push('onStepEnd'),
      },
      stopWhen: async () => {
        called.push('stopWhen');
        await store.deliver('s', {
          kind: 'message',
          messageId: 'msg_x',
          parts: [{ type: 'text', text: 'More' }],
          at: 1,
        });
        return true;
      },
    });
    const store = new InMemoryStateStore();
    const streams = new InMemoryStreamManager();
    const over = where === 'in memory' ? store : wired(store);
    const llm = new MockLLMAdapter([calls(['nobody', {}], ['note', { text: 'a' }]), answers('Done')]);
    const handle = await new JSAgentExecutor(over, streams, llm).execute(agent, 'Hi', { sessionId: 's' });
    expect(await handle.result()).toMatchObject({ status: 'completed', output: 'Done' });
    expect(called.slice(0, 4)).toEqual(['call_1', 'call_2', 'onStepEnd', 'stopWhen']);
    expect(called.filter((name) => name === 'stopWhen')).toHaveLength(1);
    const said = (await collect(await handle.stream())).filter(({ type }) => type === 'custom');
    expect(said).toMatchObject([{ data: { toolCallId: 'call_1' } }, { data: { toolCallId: 'call_2' } }]);
  });
});

describe('a message that arrives while a step ends', () => {
  const more = (store: InMemoryStateStore) =>
    store.deliver('s', { kind: 'message', messageId: 'msg_x', parts: [{ type: 'text', text: 'More' }], at: 1 });

  it('does not mend a run that a hook broke', async () => {
    const { executor, store } = inMemory([calls(['greet', {}]), answers('Done')]);
    const greet = action('greet', () => 'Hello');
    const onStepEnd = async () => {
      await more(store);
      throw new Error('no');
    };
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [greet], hooks: { onStepEnd } });
    const handle = await executor.execute(agent, 'Hi', { sessionId: 's' });
    expect(await handle.result()).toMatchObject({ status: 'failed', error: { code: 'framework_hook_failed' } });
  });

  it('costs a run no answer that it gave in its last step, and is in the transcript for the next', async () => {
    const reply = async (): Promise<StepResult> => {
      await more(store);
      return answers('The answer');
    };
    const { executor, store } = inMemory([reply]);
    const agent = defineAgent({ name: 'a', systemPrompt: '', maxSteps: 1 });
    const handle = await executor.execute(agent, 'Hi', { sessionId: 's' });
    expect(await handle.result()).toMatchObject({ status: 'completed', output: 'The answer' });
    expect((await store.messagesAfter('s', 0)).map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect((await store.load('s'))?.unread).toEqual([]);
  });

  it('is what the model is asked with next, also where no signal of it came', async () => {
    const { executor, store, llm } = inMemory([calls(['greet', {}]), answers('Done')], { clock: new FakeClock() });
    store.signals.watch = () => () => {};
    const execute = async () => {
      await more(store);
      return 'Hello';
    };
    const greet = action('greet', execute);
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [greet] });
    const handle = await executor.execute(agent, 'Hi', { sessionId: 's' });
    expect(await handle.result()).toMatchObject({ status: 'completed', output: 'Done', stepCount: 2 });
    expect(llm.requests[1]?.messages.at(-1)).toMatchObject({
      role: 'user',
      parts: [{ text: 'More' }],
      createdAt: 1,
    });
  });
});

it('a hook that speaks after its step was closed is heard', async () => {
  const spoke = gate();
  const { executor } = inMemory([
    calls(['greet', {}]),
    async () => {
      await spoke.promise;
      return answers('Done');
    },
  ]);
  const greet = action('greet', () => 'Hello');
  const hooks: AgentHooks = {
    afterTool: (_, { emitCustom }) => {
      setTimeout(() => {
        emitCustom('late', {});
        spoke.resolve();
      }, 5);
    },
  };
  const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [greet], hooks });
  const handle = await executor.execute(agent, 'Hi', { sessionId: 's' });
  const chunks = await collect(await handle.stream());
  expect(chunks.filter(({ type }) => type === 'custom')).toMatchObject([{ eventName: 'late' }]);
});

it('a stream that never answers holds no result back', async () => {
  const streams = new InMemoryStreamManager();
  const openWriter = streams.openWriter.bind(streams);
  streams.openWriter = async (...given) => ({
    ...(await openWriter(...given)),
    append: hangs,
  });
  const executor = new JSAgentExecutor(new InMemoryStateStore(), streams, new MockLLMAdapter([answers('Done')]));
  const handle = await executor.execute(plain, 'Hi', { sessionId: 's' });
  expect(await handle.result()).toMatchObject({ status: 'completed', output: 'Done' });
});

describe('a handle', () => {
  it('stops its own run, and no later one', async () => {
    const spoken = gate();
    const { executor } = inMemory([answers('One'), saysTwoWords(spoken.resolve)]);
    const first = await executor.execute(plain, 'a', { sessionId: 's' });
    await first.result();
    const second = await executor.execute(plain, 'b', { sessionId: 's' });
    await spoken.promise;
    await first.abort();
    expect((await second.getState()).status).toBe('running');
    await second.interrupt();
    expect(await second.result()).toMatchObject({ status: 'interrupted' });
  });

  it('stops waiting for its result when its caller does', async () => {
    const spoken = gate();
    const { executor } = inMemory([saysTwoWords(spoken.resolve)]);
    const handle = await executor.execute(plain, 'a', { sessionId: 's' });
    await spoken.promise;
    const waiting = new AbortController();
    const result = handle.result({ abortSignal: waiting.signal });
    waiting.abort(new Error('gone home'));
    await expect(result).rejects.toThrow('gone home');
    await handle.interrupt();
  });

  it('of a run in another process stops waiting at once as well, with no timer to wait for', async () => {
    const spoken = gate();
    const { executor, store, streams } = inMemory([saysTwoWords(spoken.resolve)]);
    const run = await executor.execute(plain, 'a', { sessionId: 's' });
    await spoken.promise;
    const clock = new FakeClock();
    const elsewhere = new JSAgentExecutor(store, streams, new MockLLMAdapter([]), { clock });
    const handle = await elsewhere.getHandle(plain, 's');
    const waiting = new AbortController();
    const result = handle?.result({ abortSignal: waiting.signal });
    await clock.advance(10);
    waiting.abort(new Error('gone home'));
    await expect(result).rejects.toThrow('gone home');
    await run.interrupt();
    await elsewhere.close();
  });
});
