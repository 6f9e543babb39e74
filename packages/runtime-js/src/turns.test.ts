// Would catch: two turns of one message, a second writer let in, an entry that leaves something behind when it is refused.
import {
  AgentAlreadyRunningError,
  applyPatch,
  defineAgent,
  HelixError,
  type LLMAdapter,
  type LLMGenerateInput,
  type Logger,
  type StepResult,
  type StreamChunk,
  type ToolContext,
} from '@helix-agents/core';
import { FakeClock, MockLLMAdapter } from '@helix-agents/core/testing';
import { InMemoryStreamManager } from '@helix-agents/store-memory';
import { describe, expect, it, vi } from 'vitest';
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
  plain,
  streamed,
  textOf,
} from '../test/harness.ts';
import { JSAgentExecutor } from './index.ts';

describe('a turn', () => {
  it('gives the text of the reply', async () => {
    const { executor, llm } = inMemory([answers('Hello there')]);
    const handle = await executor.execute(plain, 'Hi');
    expect(await handle.result()).toMatchObject({
      status: 'completed',
      output: 'Hello there',
      turn: 1,
      stepCount: 1,
      completionReason: 'reply',
    });
    expect(llm.requests[0]).toMatchObject({ system: 'You help.', toolChoice: 'auto', agentType: 'plain' });
  });

  it('streams from its first chunk on, whenever it is asked, and ends', async () => {
    const { executor } = inMemory([calls(['note', { text: 'a' }]), answers('Done now')], {});
    const agent = defineAgent({
      name: 'n',
      systemPrompt: '',
      stateSchema: z.object({ notes: z.array(z.string()).default([]) }),
      tools: [note],
    });
    const handle = await executor.execute(agent, 'Hi');
    const early = collect(await handle.stream());
    await handle.result();
    const late = await collect(await handle.stream());
    expect((await early).map(({ type }) => type)).toEqual(late.map(({ type }) => type));
    // How many deltas the reply came in is a matter of time.
    const told = late.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);
    expect(told).toEqual(['tool_start', 'tool_end', 'state_patch', 'step_end', 'text_delta', 'step_end', 'output']);
  });

  it('has in its stream all that the model says, in its order, while it is said', async () => {
    const told = Promise.withResolvers<void>();
    const spoken = gate();
    const says = async ({ callbacks }: LLMGenerateInput): Promise<StepResult> => {
      callbacks.onThinking?.('Hm.', true);
      callbacks.onTextDelta?.('A note.');
      callbacks.onToolInputStart?.('call_1', 'note');
      callbacks.onToolInputDelta?.('call_1', '{"text":');
      callbacks.onToolInputDelta?.('call_1', '"a"}');
      told.resolve();
      await spoken.promise;
      return calls(['note', { text: 'a' }]);
    };
    const { executor } = inMemory([says, answers('Done')]);
    const handle = await executor.execute(plain, { message: 'Hi', state: { notes: [] } });
    await told.promise;
    const live: StreamChunk[] = [];
    for await (const chunk of (await handle.stream()) ?? []) {
      live.push(chunk);
      if (live.map((one) => (one.type === 'tool_input_delta' ? one.delta : '')).join('') === '{"text":"a"}')
        spoken.resolve();
    }
    const kinds = live.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);
    expect(kinds.slice(0, 5)).toEqual(['thinking', 'text_delta', 'tool_input_start', 'tool_input_delta', 'tool_start']);
    expect(live).toContainEqual(
      expect.objectContaining({ type: 'tool_input_start', toolCallId: 'call_1', toolName: 'note' }),
    );
  });

  it('streams behind a sequence where a reader names one, whenever it is asked', async () => {
    const { executor, ...stores } = inMemory([answers('One'), answers('Two three')]);
    await (await executor.execute(plain, 'first', { sessionId: 's' })).result();
    const handle = await executor.execute(plain, 'second', { sessionId: 's' });
    const early = collect(await handle.stream({ after: 1 }));
    await handle.result();
    const told = (await streamed(stores, 's')).chunks.filter(({ sequence }) => sequence > 1);
    const after = told[1]?.sequence ?? 0;
    expect(await early).toEqual(told.map(({ chunk }) => chunk));
    expect(await collect(await handle.stream({ after }))).toEqual(told.slice(2).map(({ chunk }) => chunk));
  });

  it('has in its stream what it took back, before a commit stands behind it', async () => {
    const { executor, streams, store } = inMemory([calls(['note', { text: 'a' }]), answers('Done')]);
    const origin = { agentId: 's', agentType: 'n', runId: 'dead', timestamp: 1, step: 1, attempt: 1 };
    const openWriter = streams.openWriter.bind(streams);
    streams.openWriter = async (streamId, fence) => {
      const dead = await openWriter(streamId, { runId: 'dead', epoch: 0, attempt: 1 });
      await dead.append(1, [{ ...origin, type: 'text_delta', delta: 'never committed' }]);
      const writer = await openWriter(streamId, fence);
      const append: typeof writer.append = async (...batch) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return writer.append(...batch);
      };
      return { startSequence: writer.startSequence, append };
    };
    const there: (readonly string[])[] = [];
    const commit = store.commit.bind(store);
    store.commit = async (sessionId, of) => {
      if (of.head?.streamSequence !== undefined)
        there.push((await streamed({ store, streams }, 's')).chunks.map(({ chunk }) => chunk.type));
      return commit(sessionId, of);
    };
    await (await executor.execute(plain, 'Hi', { sessionId: 's' })).result();
    expect(there.length).toBeGreaterThan(1);
    for (const types of there) expect(types).toContain('rewound');
  });

  it('that took something back waits for a slow stream longer than others', async () => {
    const clock = new FakeClock();
    const { store, streams } = inMemory([]);
    const openWriter = streams.openWriter.bind(streams);
    streams.openWriter = async (...of) => {
      const writer = await openWriter(...of);
      const append: typeof writer.append = async (batchNo, chunks) => {
        if (chunks.some(({ type }) => type === 'rewound')) await clock.sleep(5_000);
        return writer.append(batchNo, chunks);
      };
      return { startSequence: writer.startSequence, append };
    };
    const failing: LLMAdapter = {
      generateStep: async ({ callbacks }) => {
        callbacks.onTextDelta?.('taken back');
        await clock.sleep(100);
        return { type: 'error', error: new HelixError('provider_error', 'broken', { retryable: false }) };
      },
    };
    const executor = new JSAgentExecutor(store, streams, failing, { clock });
    const handle = await executor.execute(plain, 'Hi', { sessionId: 's' });
    await clock.advance(4_000);
    expect(await textOf({ store, streams }, 's')).toBe('taken back');
    expect((await store.load('s'))?.run?.phase).toMatchObject({ at: 'running' });
    await clock.advance(2_000);
    expect(await handle.result()).toMatchObject({ status: 'failed' });
    expect(await textOf({ store, streams }, 's')).toBe('');
  });

  it('ends by no commit whose stream was shut while it was waited for', async () => {
    const { store, streams } = inMemory([]);
    const [spoken, arriving, arrived] = [gate(), gate(), gate()];
    const openWriter = streams.openWriter.bind(streams);
    streams.openWriter = async (...of) => {
      const writer = await openWriter(...of);
      const append: typeof writer.append = async (...batch) => {
        spoken.resolve();
        await arrived.promise;
        return writer.append(...batch);
      };
      return { startSequence: writer.startSequence, append };
    };
    const failing: LLMAdapter = {
      generateStep: async ({ callbacks }) => {
        callbacks.onTextDelta?.('taken back');
        await spoken.promise;
        arriving.resolve();
        return { type: 'error', error: new HelixError('provider_error', 'broken', { retryable: false }) };
      },
    };
    const closing = new JSAgentExecutor(store, streams, failing);
    await closing.execute(plain, 'Hi', { sessionId: 's' });
    await arriving.promise;
    await new Promise(setImmediate);
    const closed = closing.close();
    arrived.resolve();
    await closed;
    expect((await store.load('s'))?.run?.phase).toMatchObject({ at: 'running' });
    const next = new JSAgentExecutor(store, streams, new MockLLMAdapter([answers('Said')]));
    expect(await (await next.getHandle(plain, 's'))?.result()).toMatchObject({ status: 'completed' });
    expect(await textOf({ store, streams }, 's')).toBe('Said');
  });

  it('streams behind what the record stands for, also where its stream lost what was in it', async () => {
    const { executor, store } = inMemory([answers('One two three')]);
    await (await executor.execute(plain, 'Hi', { sessionId: 's' })).result();
    const next = new JSAgentExecutor(store, new InMemoryStreamManager(), new MockLLMAdapter([answers('Four')]));
    const handle = await next.execute(plain, 'And?', { sessionId: 's' });
    const early = collect(await handle.stream());
    await handle.result();
    const told = [await early, await collect(await handle.stream())];
    for (const chunks of told)
      expect(chunks.filter(({ type }) => type !== 'rewound')).toMatchObject([
        { delta: 'Four' },
        { type: 'step_end' },
        { output: 'Four' },
      ]);
  });

  it('begins no body before its stream has what the reply told', async () => {
    const clock = new FakeClock();
    const { executor, streams, store } = inMemory([calls(['look', {}]), answers('Done')], { clock });
    const slow = gate();
    const openWriter = streams.openWriter.bind(streams);
    streams.openWriter = async (...of) => {
      const writer = await openWriter(...of);
      const append: typeof writer.append = (...batch) => slow.promise.then(() => writer.append(...batch));
      return { startSequence: writer.startSequence, append };
    };
    const there: (readonly string[])[] = [];
    const execute = async () =>
      void there.push((await streamed({ store, streams }, 's')).chunks.map(({ chunk: { type } }) => type));
    const look = action('look', execute);
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [look] });
    const handle = await executor.execute(agent, 'Hi', { sessionId: 's' });
    await clock.advance(0);
    expect(there).toEqual([]);
    expect((await store.load('s'))?.step).toMatchObject({ calls: [{ state: { at: 'sent' } }] });
    slow.resolve();
    await handle.result();
    expect(there).toEqual([['tool_start']]);
  });

  it('continues the session with everything that was said', async () => {
    const { executor, llm } = inMemory([answers('One'), answers('Two')]);
    await (await executor.execute(plain, 'first', { sessionId: 's' })).result();
    const second = await executor.execute(plain, 'second', { sessionId: 's' });
    expect(await second.result()).toMatchObject({ output: 'Two', turn: 2, stepCount: 1 });
    expect(llm.requests[1]?.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(await collect(await second.stream())).toMatchObject([
      { delta: 'Two' },
      { type: 'step_end' },
      { output: 'Two' },
    ]);
  });

  it('keeps the result of an earlier run apart from later ones', async () => {
    const { executor } = inMemory([answers('One'), answers('Two')]);
    const first = await executor.execute(plain, 'first', { sessionId: 's' });
    await first.result();
    await (await executor.execute(plain, 'second', { sessionId: 's' })).result();
    expect(await first.result()).toMatchObject({ output: 'One', turn: 1 });
    expect(await collect(await first.stream())).toMatchObject([
      { delta: 'One' },
      { type: 'step_end' },
      { output: 'One' },
    ]);
  });

  it('of the same message id is one turn, and its run is found again', async () => {
    const { executor, llm } = inMemory([answers('One'), answers('Two')]);
    const input = { message: 'Hi', messageId: 'msg_a' };
    const [a, b] = await Promise.all([
      executor.execute(plain, input, { sessionId: 's' }),
      executor.execute(plain, input, { sessionId: 's' }),
    ]);
    await Promise.all([a.result(), b.result()]);
    await (await executor.execute(plain, 'later', { sessionId: 's' })).result();
    const again = await executor.execute(plain, input, { sessionId: 's' });
    expect(new Set([a.runId, b.runId, again.runId]).size).toBe(1);
    expect(await again.result()).toMatchObject({ output: 'One', turn: 1 });
    expect(llm.requests).toHaveLength(2);
  });

  it('joins its run also where that began after the session was read', async () => {
    const [one, two] = [gate(), gate()];
    const replies = [() => one.promise.then(() => answers('One')), () => two.promise.then(() => answers('Two'))];
    const { executor, store } = inMemory(replies);
    const first = await executor.execute(plain, 'a', { sessionId: 's' });
    const before = await store.load('s');
    one.resolve();
    await first.result();
    const input = { message: 'b', messageId: 'msg_b' };
    const second = await executor.execute(plain, input, { sessionId: 's' });
    vi.spyOn(store, 'load').mockResolvedValueOnce(before);
    const again = await executor.execute(plain, input, { sessionId: 's' });
    expect(again.runId).toBe(second.runId);
    two.resolve();
    expect(await again.result()).toMatchObject({ output: 'Two', turn: 2 });
  });

  it('is refused while another one runs, and leaves no trace', async () => {
    const hold = gate();
    const { executor, store } = inMemory([() => hold.promise.then(() => answers('One'))]);
    const results = await Promise.allSettled([
      executor.execute(plain, 'a', { sessionId: 's' }),
      executor.execute(plain, 'b', { sessionId: 's' }),
    ]);
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toMatchObject([{ reason: { code: 'state_already_running', name: 'AgentAlreadyRunningError' } }]);
    expect(refused[0]?.reason).toBeInstanceOf(AgentAlreadyRunningError);
    hold.resolve();
    const [begun] = results.filter((result) => result.status === 'fulfilled');
    expect(await begun?.value.result()).toMatchObject({ output: 'One' });
    expect(await store.messagesAfter('s', 0)).toHaveLength(2);
  });
});

describe('an entry that cannot begin', () => {
  const strict = defineAgent({ name: 'strict', systemPrompt: '', stateSchema: z.object({ count: z.number() }) });

  it.each([
    ['a bad session id', plain, 'Hi', { sessionId: 'a b' }, 'input_invalid'],
    ['an empty message', plain, '', { sessionId: 's' }, 'input_invalid'],
    ['a message over the limit', plain, 'x'.repeat(2_000_000), { sessionId: 's' }, 'input_too_large'],
    [
      'a state that does not fit',
      strict,
      { message: 'Hi', state: { count: 'many' as never } },
      { sessionId: 's' },
      'input_invalid',
    ],
  ])('because of %s says so and leaves nothing', async (_name, agent, input, options, code) => {
    const { executor, store } = inMemory([]);
    await expect(executor.execute(agent as typeof plain, input, options)).rejects.toMatchObject({ code });
    expect(await store.load('s')).toBeNull();
  });

  it('because its agent needs a state that nobody gave says what the agent lacks, and leaves nothing', async () => {
    const { executor, store } = inMemory([]);
    await expect(executor.execute(strict, 'Hi', { sessionId: 's' })).rejects.toMatchObject({
      code: 'agent_invalid',
      message: expect.stringMatching(/stateSchema .*count: .*; give the field a default, or pass state to execute$/),
    });
    expect(await store.load('s')).toBeNull();
  });

  it('because a tool may not run twice, and the store may lose that it ran, leaves no trace', async () => {
    const { store, executor } = inMemory([answers('Hello')]);
    Object.assign(store, { durability: 'second' });
    const begun = executor.execute(plain, 'Hi', { sessionId: 's' });
    await expect(begun).rejects.toMatchObject({
      code: 'state_store_unsuitable',
      message: expect.stringContaining('the tool note may not run twice'),
    });
    expect(await store.load('s')).toBeNull();
    const look = action('look', () => 1, { replay: 'safe' });
    const harmless = defineAgent({ name: 'harmless', systemPrompt: '', tools: [look] });
    expect(await (await executor.execute(harmless, 'Hi')).result()).toMatchObject({ status: 'completed' });
  });

  it('because its session must be new, and is not, leaves that session as it is', async () => {
    const { executor, store } = inMemory([answers('One'), answers('Two')]);
    const make = () => executor.execute(plain, 'Hi', { sessionId: 's', mustBeNew: true });
    const [one, other] = await Promise.allSettled([make(), make()]);
    expect([one.status, other.status].toSorted()).toEqual(['fulfilled', 'rejected']);
    const refusal = [one, other].find((entry) => entry.status === 'rejected');
    expect(refusal).toMatchObject({ reason: { code: 'state_session_exists', retryable: false } });
    expect((await store.messagesAfter('s', 0)).filter(({ role }) => role === 'user')).toHaveLength(1);
  });

  it('because the session is another agent’s says whose it is', async () => {
    const { executor } = inMemory([answers('One')]);
    await (await executor.execute(plain, 'a', { sessionId: 's' })).result();
    const other = defineAgent({ name: 'other', systemPrompt: '' });
    await expect(executor.execute(other, 'b', { sessionId: 's' })).rejects.toMatchObject({ code: 'agent_mismatch' });
    await expect(executor.getHandle(other, 's')).rejects.toMatchObject({ code: 'agent_mismatch' });
    await expect(executor.abort(other, 's')).rejects.toMatchObject({ code: 'agent_mismatch' });
  });

  it('because the model cannot be made to finish is refused before anything is written', async () => {
    const { executor, store, llm } = inMemory([]);
    Object.assign(llm, { checkCompletionSupport: () => ({ supported: false, reason: 'it calls no tools' }) });
    const agent = defineAgent({ name: 'typed', systemPrompt: '', outputSchema: z.object({ a: z.string() }) });
    await expect(executor.execute(agent, 'a', { sessionId: 's' })).rejects.toMatchObject({
      code: 'framework_completion_schema_unsupported',
    });
    expect(await store.load('s')).toBeNull();
  });
});

describe('the state', () => {
  const counted = defineAgent({
    name: 'counted',
    systemPrompt: (state) => `Count from ${state.count}`,
    stateSchema: z.object({ count: z.number().default(1), label: z.string().default('x') }),
  });

  it('begins with the defaults of its schema and the fields that were given', async () => {
    const { executor, llm } = inMemory([answers('ok'), answers('ok')]);
    const handle = await executor.execute(counted, { message: 'Hi', state: { count: 5 } }, { sessionId: 's' });
    await handle.result();
    expect((await handle.getState()).customState).toEqual({ count: 5, label: 'x' });
    await (await executor.execute(counted, { message: 'Again', state: { count: 7 } }, { sessionId: 's' })).result();
    expect((await handle.getState()).customState).toEqual({ count: 7, label: 'x' });
    expect(llm.requests.map(({ system }) => system)).toEqual(['Count from 5', 'Count from 5']);
  });
});

describe('fields that a turn sets', () => {
  const named = defineAgent({
    name: 'named',
    systemPrompt: '',
    stateSchema: z.object({ name: z.string().trim().default(''), other: z.string().default('') }),
  });

  it('are kept as the schema reads them, in the first turn as in a later one', async () => {
    const { executor } = inMemory([answers('ok'), answers('ok')]);
    const begin = { message: 'Hi', state: { name: ' ada ' } };
    const handle = await executor.execute(named, begin, { sessionId: 's' });
    await handle.result();
    expect((await handle.getState()).customState).toEqual({ name: 'ada', other: '' });
    const again = { message: 'Hi', state: { name: ' bob ' } };
    await (await executor.execute(named, again, { sessionId: 's' })).result();
    expect((await handle.getState()).customState).toEqual({ name: 'bob', other: '' });
  });

  it('are refused by name where the schema drops them, in the first turn as in a later one', async () => {
    const { executor, store } = inMemory([answers('ok')]);
    const turn = (state: object) => executor.execute(named, { message: 'Hi', state }, { sessionId: 's' });
    const refusal = { code: 'input_invalid', message: 'state of agent named: nmae is no field of its stateSchema' };
    await expect(turn({ nmae: 'ada' })).rejects.toMatchObject(refusal);
    expect(await store.load('s')).toBeNull();
    await (await turn({ name: 'ada' })).result();
    const before = await store.load('s');
    await expect(turn({ nmae: 'bob' })).rejects.toMatchObject(refusal);
    expect(await store.load('s')).toEqual(before);
  });

  it.each<[string, { stateSchema?: z.ZodType }]>([
    ['whose schema takes any', { stateSchema: z.looseObject({ name: z.string().default('') }) }],
    ['without a schema', {}],
  ])('are kept whatever they are called by an agent %s', async (_, state) => {
    const free = defineAgent({ name: 'free', systemPrompt: '', ...state });
    const { executor } = inMemory([answers('ok'), answers('ok')]);
    await (await executor.execute(free, { message: 'Hi', state: { a: 1 } }, { sessionId: 's' })).result();
    const handle = await executor.execute(free, { message: 'Hi', state: { b: 2 } }, { sessionId: 's' });
    await handle.result();
    expect((await handle.getState()).customState).toMatchObject({ a: 1, b: 2 });
  });

  it('are refused where the store could not give them back as they are', async () => {
    const { executor, store } = inMemory([]);
    const dated = defineAgent({ name: 'dated', systemPrompt: '', stateSchema: z.object({ at: z.coerce.date() }) });
    const input = { message: 'Hi', state: { at: '2026-01-01' } as never };
    await expect(executor.execute(dated, input, { sessionId: 's' })).rejects.toMatchObject({
      code: 'agent_invalid',
      message: 'agent dated: stateSchema: the state cannot hold an instance of Date at /at: it is kept as JSON',
    });
    expect(await store.load('s')).toBeNull();
  });
});

describe('a state that is older than its schema', () => {
  const tag = action('tag', ({ updateState }) => updateState<{ tags: string[] }>((draft) => void draft.tags.push('x')));
  const agentWith = (fields: z.ZodRawShape) =>
    defineAgent({ name: 'a', systemPrompt: '', stateSchema: z.object(fields), tools: [tag] });
  const items = z.array(z.string()).default([]);
  const old = agentWith({ items });
  const now = agentWith({ items, tags: z.array(z.string()).default([]), since: z.string().default('today') });
  const input = { message: 'Hi', state: { items: ['tea'] } };

  it('gets the defaults of the fields that it lacks with the next turn, and keeps the others as they are', async () => {
    const { executor } = inMemory([answers('One'), calls(['tag', {}]), answers('Two')]);
    const handle = await executor.execute(old, input, { sessionId: 's' });
    await handle.result();
    const next = await executor.execute(now, 'Again', { sessionId: 's' });
    expect(await next.result()).toMatchObject({ output: 'Two' });
    expect((await next.getState()).customState).toEqual({ items: ['tea'], tags: ['x'], since: 'today' });
  });

  it('gets them also where the turn sets another field', async () => {
    const { executor } = inMemory([answers('One'), answers('Two')]);
    await (await executor.execute(old, input, { sessionId: 's' })).result();
    const set = { message: 'Again', state: { since: 'May' } };
    const next = await executor.execute(now, set, { sessionId: 's' });
    await next.result();
    expect((await next.getState()).customState).toEqual({ items: ['tea'], tags: [], since: 'May' });
  });

  it.each(['resume', 'retry'] as const)('gets them with %s', async (entry) => {
    const hold = gate();
    const script = [() => hold.promise.then(() => answers('never')), calls(['tag', {}]), answers('Two')];
    const { executor } = inMemory(script);
    const handle = await executor.execute(old, input, { sessionId: 's' });
    await (entry === 'resume' ? handle.interrupt() : handle.abort());
    await handle.result();
    const next = await executor[entry](now, 's');
    expect(await next.result()).toMatchObject({ output: 'Two' });
    expect((await next.getState()).customState).toMatchObject({ items: ['tea'], tags: ['x'] });
    hold.resolve();
  });

  it('gets them where a newer release takes a run over: its prompt, its hooks and the tool that runs again read them', async () => {
    const { begun, hang } = hanging();
    const agentOf = (
      fields: z.ZodRawShape,
      work: (context: ToolContext) => unknown,
      systemPrompt: string | ((state: object) => string),
    ) =>
      defineAgent({
        name: 'a',
        systemPrompt,
        stateSchema: z.object(fields),
        tools: [action('work', work, { replay: 'safe' })],
      });
    const released = agentOf({ items }, hang, '');
    const newer = agentOf(
      { items, tags: z.array(z.string()).default([]) },
      ({ updateState }) => updateState<{ tags: string[] }>(({ tags }) => void tags.push('x')),
      (state) => `${(state as { tags: string[] }).tags.length} tags`,
    );
    const { executor, store, streams } = inMemory([calls(['work', {}])], { limits: { stopGraceMs: 20, drainMs: 20 } });
    await executor.execute(released, input, { sessionId: 's' });
    await begun;
    await executor.close();
    const llm = new MockLLMAdapter([answers('Two')]);
    const next = await new JSAgentExecutor(store, streams, llm).getHandle(newer, 's');
    expect(await next?.result()).toMatchObject({ status: 'completed', output: 'Two' });
    expect(llm.requests[0]?.system).toBe('1 tags');
    expect((await next?.getState())?.customState).toEqual({ items: ['tea'], tags: ['x'] });
    const { chunks } = await streamed({ store, streams }, 's');
    const patches = chunks.flatMap(({ chunk }) => (chunk.type === 'state_patch' ? chunk.operations : []));
    expect(applyPatch({ items: ['tea'] }, patches)).toEqual({ items: ['tea'], tags: ['x'] });
  });

  it.each<[string, z.ZodRawShape, readonly string[]]>([
    ['refuses it', { count: z.number() }, []],
    [
      'fails, which is logged',
      {
        items: z.any().refine(() => {
          throw new Error('no disk');
        }),
      },
      ['the stateSchema failed; the run goes on with its state as it is'],
    ],
  ])('is left alone where a newer release takes a run over whose schema %s', async (_, fields, warnings) => {
    const { executor, store, streams } = inMemory([hangs]);
    await executor.execute(old, input, { sessionId: 's' });
    await executor.close();
    const logged: string[] = [];
    const logger: Logger = { log: (level, message) => void (level === 'warn' && logged.push(message)) };
    const second = new JSAgentExecutor(store, streams, new MockLLMAdapter([answers('Two')]), { logger });
    const next = await second.getHandle(agentWith(fields), 's');
    expect(await next?.result()).toMatchObject({ status: 'completed', output: 'Two' });
    expect((await next?.getState())?.customState).toEqual({ items: ['tea'] });
    expect(logged).toEqual(warnings);
  });

  it('costs no write where nothing is missing, and its fields are not read anew', async () => {
    const upper = agentWith({
      name: z
        .string()
        .default('ann')
        .transform((name) => name.toUpperCase()),
    });
    const { executor, store } = inMemory([answers('One'), answers('Two')]);
    await (await executor.execute(upper, 'Hi', { sessionId: 's' })).result();
    const committed = vi.spyOn(store, 'commit');
    await (
      await executor.execute(agentWith({ name: z.string().transform((name) => `${name}!`) }), 'Again', {
        sessionId: 's',
      })
    ).result();
    expect(committed.mock.calls[0]?.[1].head).toBeUndefined();
    expect((await store.load('s'))?.state).toEqual({ name: 'ANN' });
  });

  it.each<[string, z.ZodRawShape, string]>([
    [
      'throws',
      {
        items: z.any().refine(() => {
          throw new Error('no disk');
        }),
      },
      'stateSchema failed: no disk',
    ],
    ['fills in what JSON cannot hold', { at: z.date().default(() => new Date(0)) }, 'Date at /at'],
  ])(
    'is refused as the fault of the agent where its schema %s, and nothing has changed',
    async (_, fields, message) => {
      const { executor, store } = inMemory([answers('One')]);
      await (await executor.execute(old, input, { sessionId: 's' })).result();
      const before = await store.load('s');
      const refusal = { code: 'agent_invalid', message: expect.stringContaining(message) };
      await expect(executor.execute(agentWith(fields), 'Again', { sessionId: 's' })).rejects.toMatchObject(refusal);
      expect(await store.load('s')).toEqual(before);
    },
  );
});

describe('a state that its schema would refuse', () => {
  it('because it is older than that is left alone, and refused where a turn sets fields of it', async () => {
    const spoil = action('spoil', ({ updateState }) => updateState((draft) => void (draft['count'] = 'many')));
    const stateSchema = z.object({ count: z.number().default(1), label: z.string().default('x') });
    const older = defineAgent({ name: 'a', systemPrompt: '', tools: [spoil] });
    const agent = defineAgent({ name: 'a', systemPrompt: '', stateSchema, tools: [spoil] });
    const { executor } = inMemory([calls(['spoil', {}]), answers('One'), answers('Two'), answers('Three')]);
    const handle = await executor.execute(older, { message: 'Hi', state: { label: 'x' } }, { sessionId: 's' });
    expect(await handle.result()).toMatchObject({ status: 'completed', output: 'One' });
    expect((await handle.getState()).customState).toEqual({ count: 'many', label: 'x' });
    const next = await executor.execute(agent, 'Again', { sessionId: 's' });
    expect(await next.result()).toMatchObject({ status: 'completed', output: 'Two' });
    const sets = (state: object) => executor.execute(agent, { message: 'Set', state }, { sessionId: 's' });
    await expect(sets({ label: 'y' })).rejects.toMatchObject({ code: 'input_invalid' });
    await (await sets({ count: 5 })).result();
    expect((await handle.getState()).customState).toEqual({ count: 5, label: 'x' });
  });
});

describe('a session of one user', () => {
  it('is not continued by another, also where both made it at once', async () => {
    const { executor, store } = inMemory([answers('One'), answers('Two')]);
    const both = await Promise.allSettled(
      ['ann', 'bob'].map((userId) => executor.execute(plain, `I am ${userId}`, { sessionId: 's', userId })),
    );
    expect(both).toContainEqual(expect.objectContaining({ status: 'fulfilled' }));
    expect(both).toContainEqual({
      status: 'rejected',
      reason: expect.objectContaining({ code: 'state_session_not_found' }),
    });
    await (await executor.getHandle(plain, 's'))?.result();
    const owner = (await store.load('s'))?.identity.userId;
    const stranger = owner === 'ann' ? 'bob' : 'ann';
    await expect(executor.execute(plain, 'Hi', { sessionId: 's', userId: stranger })).rejects.toMatchObject({
      code: 'state_session_not_found',
    });
    expect((await store.messagesAfter('s', 0)).map(({ role }) => role)).toEqual(['user', 'assistant']);
  });

  it('gives another no hold on its run, neither by the id of its message nor while it runs', async () => {
    const may = gate();
    const { executor, store } = inMemory([() => may.promise.then(() => answers('One'))]);
    const input = { message: 'Hi', messageId: 'm1' };
    const handle = await executor.execute(plain, input, { sessionId: 's', userId: 'ann' });
    const repeat = () => executor.execute(plain, input, { sessionId: 's', userId: 'bob' });
    await expect(repeat()).rejects.toMatchObject({ code: 'state_session_not_found' });
    const other = executor.execute(plain, 'And?', { sessionId: 's', userId: 'bob' });
    await expect(other).rejects.toMatchObject({ code: 'state_session_not_found' });
    may.resolve();
    expect(await handle.result()).toMatchObject({ output: 'One' });
    const ended = await store.load('s');
    await expect(repeat()).rejects.toMatchObject({ code: 'state_session_not_found' });
    expect(await store.load('s')).toEqual(ended);
  });
});

it('a session that nobody made has no handle, and is not made by asking', async () => {
  const { executor, store } = inMemory([]);
  expect(await executor.getHandle(plain, 'nobody')).toBeNull();
  expect(await store.load('nobody')).toBeNull();
});
