// Would catch: a session that is stuck because its owner left, or a turn that begins over open calls.
import { setImmediate } from 'node:timers/promises';
import {
  AgentAlreadyRunningError,
  defineAgent,
  HelixError,
  type Agent,
  type AgentHooks,
  type Verification,
} from '@helix-agents/core';
import { FakeClock, MockLLMAdapter, type MockStep } from '@helix-agents/core/testing';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { action, answers, calls, collect, gate, hanging, hangs, outcomes, plain, streamed } from '../test/harness.ts';
import { holdersOf, leave, shared } from '../test/shared-store.ts';
import { JSAgentExecutor } from './index.ts';

/** Begins a run whose owners leave it until it waits for a person. */
async function leaveOften<S>(executor: (script: readonly MockStep[]) => JSAgentExecutor, agent: Agent<S, string>) {
  let process = executor([hangs]);
  await process.execute(agent, 'Hi', { sessionId: 's' });
  for (let takeovers = 1; takeovers <= 5; takeovers += 1) {
    // All that it comes to before the model hangs.
    await setImmediate();
    await process.close();
    process = executor([hangs]);
    await process.getHandle(agent, 's');
  }
  return process.getHandle(agent, 's');
}

describe('a run whose owner left', () => {
  it('is taken up by whoever touches it', async () => {
    const { executor } = shared();
    await leave(executor([hangs]), plain);
    const handle = await executor([answers('from the second')]).getHandle(plain, 's');
    expect(await handle?.result()).toMatchObject({ status: 'completed', output: 'from the second', turn: 1 });
  });

  it('too often waits for a person, and goes on with its budget of takeovers when it is resumed', async () => {
    const { store, executor } = shared();
    const parked = await leaveOften(executor, plain);
    expect(await parked?.result()).toMatchObject({ status: 'suspended_step_partial', stepCount: 0 });
    expect((await store.load('s'))?.waits).toMatchObject([{ kind: 'operator' }]);
    expect(await parked?.canResume()).toEqual({ canResume: true });
    const resumed = await executor([answers('at last')]).resume(plain, 's');
    expect(resumed.runId).toBe(parked?.runId);
    expect(await resumed.result()).toMatchObject({ status: 'completed', output: 'at last', turn: 1 });
    expect(await store.load('s')).toMatchObject({ waits: [], run: { takeovers: 0 } });
  });

  it('too often tells how a call ended by itself before it waits, and not once more when it goes on', async () => {
    const { store, streams, executor } = shared();
    Object.defineProperty(store, 'durability', { value: 'commit' });
    const written = vi.spyOn(store, 'settleCalls');
    const { begun, hang } = hanging();
    let verify: () => Promise<Verification> = hangs;
    const slow = action('slow', hang, { replay: { verify: () => verify() } });
    const tools = [action('early', () => 'done'), slow];
    const agent = defineAgent({ name: 'n', systemPrompt: '', tools });
    const first = executor([calls(['early', {}], ['slow', {}])]);
    await first.execute(agent, 'Hi', { sessionId: 's' });
    await begun;
    await vi.waitFor(() => expect(written).toHaveBeenCalled());
    await first.close();
    for (let takeovers = 1; takeovers <= 5; takeovers += 1) {
      const next = executor([]);
      const handle = await next.getHandle(agent, 's');
      if (takeovers === 5) await handle?.result();
      await next.close();
    }
    const ends = async () => {
      let told: { sequence: number; name: string }[] = [];
      for (const { sequence, chunk } of (await streamed({ store, streams }, 's')).chunks) {
        if (chunk.type === 'tool_end') told.push({ sequence, name: chunk.toolName });
        if (chunk.type === 'rewound') told = told.filter((one) => one.sequence <= chunk.toSequence);
      }
      return told.map(({ name }) => name);
    };
    expect((await store.load('s'))?.waits).toMatchObject([{ kind: 'operator' }]);
    expect(await ends()).toEqual(['early']);
    verify = async () => ({ status: 'unknown' });
    const resumed = await executor([answers('at last')]).resume(agent, 's');
    expect(await resumed.result()).toMatchObject({ status: 'completed' });
    expect(await ends()).toEqual(['early', 'slow']);
    expect((await store.load('s'))?.usage).toMatchObject({ toolStats: { totalCalls: 2 } });
  });

  it('too often waits without its schema being asked, which may be what ends each process', async () => {
    const { store, executor } = shared();
    const askedBy: unknown[] = [];
    let process: JSAgentExecutor | undefined;
    const stateSchema = z.object({}).refine(() => askedBy.push(process));
    const agent = defineAgent({ name: 'plain', systemPrompt: '', stateSchema });
    const parked = await leaveOften((script) => (process = executor(script)), agent);
    expect(await parked?.result()).toMatchObject({ status: 'suspended_step_partial' });
    expect((await store.load('s'))?.waits).toMatchObject([{ kind: 'operator' }]);
    expect(askedBy).toHaveLength(5);
    expect(askedBy).not.toContain(process);
  });

  it('too often waits for a person again where its schema ends each process that goes on with it', async () => {
    const { store, executor } = shared();
    await leaveOften(executor, plain);
    const stateSchema = z.object({}).refine(hangs);
    const agent = defineAgent({ name: 'plain', systemPrompt: '', stateSchema });
    let process = executor([]);
    await process.resume(agent, 's');
    for (let takeovers = 1; takeovers <= 5; takeovers += 1) {
      await process.close();
      process = executor([]);
      await process.getHandle(agent, 's');
    }
    const parked = await process.getHandle(agent, 's');
    expect(await parked?.result()).toMatchObject({ status: 'suspended_step_partial' });
    expect((await store.load('s'))?.waits).toMatchObject([{ kind: 'operator' }]);
  });

  it('too often runs a call that is still to come once a person lets it go on, also where its schema is asked in between', async () => {
    const { store, executor } = shared();
    const [begun, end] = [gate(), gate()];
    const sequential = { sequential: true, replay: 'never' } as const;
    const tools = [
      action('one', () => (begun.resolve(), end.promise), sequential),
      action('two', () => 'ran', sequential),
    ];
    const agentWith = (answer: () => boolean | Promise<boolean>) =>
      defineAgent({ name: 'plain', systemPrompt: '', tools, stateSchema: z.object({}).refine(answer) });
    const [fit, deaf] = [agentWith(() => true), agentWith(hangs)];
    const first = executor([calls(['one', {}], ['two', {}])], { limits: { drainMs: 60_000 } });
    await first.execute(fit, 'Hi', { sessionId: 's' });
    await begun.promise;
    const closed = first.close();
    end.resolve();
    await closed;
    for (let takeovers = 1; takeovers <= 5; takeovers += 1) {
      const process = executor([]);
      await process.getHandle(deaf, 's');
      await process.close();
    }
    expect(await (await executor([]).getHandle(fit, 's'))?.result()).toMatchObject({
      status: 'suspended_step_partial',
    });
    const resumed = await executor([answers('at last')]).resume(fit, 's');
    expect(await resumed.result()).toMatchObject({ status: 'completed', output: 'at last' });
    expect(outcomes(await store.messagesAfter('s', 0))).toMatchObject([
      { type: 'result' },
      { type: 'result', value: 'ran' },
    ]);
  });

  it.each<[string, readonly MockStep[]]>([
    ['in a model call', [hangs]],
    ['beside an open call', [calls(['work', {}])]],
  ])('and that was stopped %s ends without its schema being asked, which may never answer', async (_, script) => {
    const { store, executor } = shared();
    const { begun, hang } = hanging();
    const agentWith = (answer: () => boolean | Promise<boolean>) =>
      defineAgent({
        name: 'plain',
        systemPrompt: '',
        stateSchema: z.object({}).refine(answer),
        tools: [action('work', hang)],
      });
    const first = executor([...script], { limits: { stopGraceMs: 20, drainMs: 20 } });
    const { runId } = await first.execute(
      agentWith(() => true),
      'Hi',
      { sessionId: 's' },
    );
    if (script[0] !== hangs) await begun;
    await first.close();
    await store.deliver('s', { kind: 'stop', runId, stop: 'interrupt', at: 1 });
    const next = await executor([]).getHandle(
      agentWith(() => new Promise(() => {})),
      's',
    );
    expect(await next?.result()).toMatchObject({ status: 'interrupted' });
  });

  it('and that was stopped ends without waiting long for a hook that does not listen', async () => {
    const { store, executor } = shared();
    const { begun, hang } = hanging();
    const agentWith = (hooks: AgentHooks) =>
      defineAgent({ name: 'plain', systemPrompt: '', tools: [action('work', hang)], hooks });
    const first = executor([calls(['work', {}])]);
    const { runId } = await first.execute(agentWith({}), 'Hi', { sessionId: 's' });
    await begun;
    await first.close();
    await store.deliver('s', { kind: 'stop', runId, stop: 'interrupt', at: 1 });
    const next = await executor([]).getHandle(agentWith({ afterTool: () => new Promise(() => {}) }), 's');
    expect(await next?.result()).toMatchObject({ status: 'interrupted' });
  });

  it('too often waits on where it is given an answer of another kind, of which the model hears once it goes on', async () => {
    const { store, executor } = shared();
    const parked = await leaveOften(executor, plain);
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

  it('too often goes on waiting where another agent is asked to resume it', async () => {
    const { store, executor } = shared();
    await (await leaveOften(executor, plain))?.result();
    const waiting = await store.load('s');
    const stranger = defineAgent({ name: 'stranger', systemPrompt: '' });
    await expect(executor([]).resume(stranger, 's')).rejects.toMatchObject({ code: 'agent_mismatch' });
    expect(await store.load('s')).toEqual(waiting);
  });

  it('too often is not retried, and makes way for another turn', async () => {
    const { executor } = shared();
    const parked = await leaveOften(executor, plain);
    const person = executor([answers('the next')]);
    await expect(person.retry(plain, 's')).rejects.toThrow(AgentAlreadyRunningError);
    const next = await person.execute(plain, 'Something else', { sessionId: 's' });
    expect(await next.result()).toMatchObject({ status: 'completed', output: 'the next', turn: 2 });
    expect(await parked?.result()).toMatchObject({ status: 'interrupted' });
  });

  it('too often holds nothing of a process while it waits: no lease, no listener and no timer', async () => {
    const clock = new FakeClock();
    const store = new InMemoryStateStore({ clock });
    const streams = new InMemoryStreamManager();
    let watching = 0;
    const watch = store.signals.watch.bind(store.signals);
    store.signals.watch = (...args) => {
      watching += 1;
      const unwatch = watch(...args);
      return () => {
        watching -= 1;
        unwatch();
      };
    };
    const [opened, closed] = [vi.spyOn(store, 'openHolder'), vi.spyOn(store, 'closeHolder')];
    const handle = await leaveOften(
      (script) => new JSAgentExecutor(store, streams, new MockLLMAdapter(script), { clock }),
      plain,
    );
    expect(await handle?.result()).toMatchObject({ status: 'suspended_step_partial' });
    await clock.advance(60_000);
    expect(closed).toHaveBeenCalledTimes(opened.mock.calls.length);
    expect({ watching, timers: clock.pending }).toEqual({ watching: 0, timers: 0 });
    expect((await store.load('s'))?.run?.phase.at).toBe('parked');
  });

  it('while another process reads its stream is taken up by that reader', async () => {
    const { store, streams, executor } = shared();
    const { begun, hang } = hanging();
    const first = executor([hang]);
    await first.execute(plain, 'Hi', { sessionId: 's' });
    await begun;
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
    const { begun, hang } = hanging();
    const deaf = action('deaf', hang);
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [deaf], toolExecution: 'sequential' });
    const first = executor([calls(['deaf', {}], ['deaf', {}])]);
    const old = await first.execute(agent, 'Hi', { sessionId: 's' });
    await begun;
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
    await leave(executor([hangs]), agent);
    const left = await store.load('s');
    await expect(executor([]).execute(agent, input, { sessionId: 's' })).rejects.toMatchObject({ code });
    expect(await store.load('s')).toEqual(left);
  });

  it('whose next owner loses it too, while a finish is read, is not told that the finish failed', async () => {
    const { store, executor } = shared();
    const holders = holdersOf(store);
    const [slow, asked] = [hanging(), hanging()];
    let answersLate = false;
    const outputSchema = z.object({ a: z.string().refine(async () => !answersLate || asked.hang()) });
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [action('slow', slow.hang)], outputSchema });
    const first = executor([calls(['slow', {}], ['__finish__', { a: 'x' }])]);
    await first.execute(agent, 'Hi', { sessionId: 's' });
    await slow.begun;
    answersLate = true;
    await first.close();
    const second = executor([]);
    await second.getHandle(agent, 's');
    await asked.begun;
    holders.at(-1)?.onLost?.();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(JSON.stringify(await store.messagesAfter('s', 0))).not.toContain('state_lease_lost');
    expect((await store.load('s'))?.run?.phase.at).toBe('running');
  });

  it('goes on with the process that found it where the store refuses the next message', async () => {
    const { store, executor } = shared();
    await leave(executor([hangs]), plain);
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

  it('is stopped for good by whoever asks for it, with nobody else to do so', async () => {
    const { store, executor } = shared();
    await leave(executor([hangs]), plain);
    await executor([]).interrupt(plain, 's');
    await expect.poll(async () => (await store.load('s'))?.run?.phase).toMatchObject({ outcome: 'interrupted' });
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
