// Would catch: a deploy that throws away what tools did while it waited for them, or does it again.
import { defineAgent, type HookContext, type Limits, type SessionCommit } from '@helix-agents/core';
import { FakeClock, type MockStep } from '@helix-agents/core/testing';
import { describe, expect, it, vi } from 'vitest';
import { action, answers, calls, gate, hanging, hangs, outcomes } from '../test/harness.ts';
import { shared } from '../test/shared-store.ts';

const once = { replay: 'never' } as const;
const limits = { stopGraceMs: 20, drainMs: 60_000 };

type Tools = readonly ReturnType<typeof action>[];

/** A run in which a body of `slow` is under way; what is left of it is gone on with elsewhere. */
async function begin(script: readonly MockStep[], tools: Tools, begun: Promise<void>, its: Partial<Limits> = limits) {
  const { store, executor } = shared();
  Object.defineProperty(store, 'durability', { value: 'commit' });
  const agent = agentWith(tools);
  const first = executor(script, { limits: its });
  await first.execute(agent, 'Hi', { sessionId: 's' });
  await begun;
  const goOn = async (next: readonly MockStep[]) => (await executor(next).getHandle(agent, 's'))?.result();
  const ends = async () => outcomes(await store.messagesAfter('s', 0));
  return { store, first, goOn, ends };
}

const agentWith = (tools: Tools) => defineAgent({ name: 'n', systemPrompt: '', tools: [...tools] });

describe('a close', () => {
  it('lets tool bodies under way end, and what they come to is in the record', async () => {
    const [begun, end] = [gate(), gate<string>()];
    let signal: AbortSignal | undefined;
    const slow = action('slow', ({ abortSignal }) => ((signal = abortSignal), begun.resolve(), end.promise), once);
    const { first, goOn, ends } = await begin([calls(['slow', {}]), hangs], [slow], begun.promise);
    const closed = first.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(signal?.aborted).toBe(false);
    end.resolve('done');
    await closed;
    expect(await goOn([answers('at last')])).toMatchObject({ status: 'completed', output: 'at last', stepCount: 2 });
    expect(await ends()).toMatchObject([{ type: 'result', value: 'done' }]);
  });

  it('tells those to stop that do not end for a while, and keeps what their siblings came to', async () => {
    const { begun, hang } = hanging();
    let signal: AbortSignal | undefined;
    const stuck = action('stuck', ({ abortSignal }) => ((signal = abortSignal), hang()), once);
    const tools = [action('quick', () => 'done', once), stuck];
    const script = [calls(['quick', {}], ['stuck', {}])];
    const { first, goOn, ends } = await begin(script, tools, begun, { ...limits, drainMs: 50 });
    await first.close();
    expect(signal?.aborted).toBe(true);
    expect(await goOn([answers('at last')])).toMatchObject({ status: 'completed', output: 'at last' });
    expect(await ends()).toMatchObject([{ type: 'result', value: 'done' }, { type: 'unknown' }]);
  });

  it('claims no further body: one that waits for its turn is left to the next owner', async () => {
    const [begun, end] = [gate(), gate<string>()];
    const ran: string[] = [];
    const one = action('one', () => (begun.resolve(), end.promise), { ...once, sequential: true });
    const two = action('two', () => ran.push('two'), { ...once, sequential: true });
    const { store, first, goOn, ends } = await begin([calls(['one', {}], ['two', {}])], [one, two], begun.promise);
    const closed = first.close();
    end.resolve('done');
    await closed;
    expect(ran).toEqual([]);
    expect(await store.load('s')).toMatchObject({
      step: { calls: [{ state: { at: 'settled' } }, { state: { at: 'planned' } }] },
    });
    expect(await goOn([answers('at last')])).toMatchObject({ status: 'completed', output: 'at last' });
    expect(await ends()).toMatchObject([{ type: 'result' }, { type: 'result', value: 1 }]);
  });

  it('cuts a model call at once', async () => {
    const [begun, told] = [gate(), gate()];
    const model: MockStep = ({ abortSignal }) => {
      abortSignal.addEventListener('abort', () => told.resolve());
      begun.resolve();
      return hangs();
    };
    const { first, goOn } = await begin([model], [], begun.promise);
    await first.close();
    await told.promise;
    expect(await goOn([answers('again')])).toMatchObject({ status: 'completed', output: 'again', stepCount: 1 });
  });

  it('lets a commit that is on its way land, and the bodies run that it claimed', async () => {
    const [begun, sent] = [gate(), gate()];
    const ran: string[] = [];
    const work = action('work', () => ran.push('work'), once);
    const { store, executor } = shared();
    const agent = agentWith([work]);
    const commit = store.commit.bind(store);
    store.commit = async (sessionId: string, given: SessionCommit) => {
      if (given.head?.step?.op === 'reply' && ran.length === 0) {
        begun.resolve();
        await sent.promise;
      }
      return commit(sessionId, given);
    };
    const first = executor([calls(['work', {}]), hangs], { limits });
    await first.execute(agent, 'Hi', { sessionId: 's' });
    await begun.promise;
    const closed = first.close();
    sent.resolve();
    await closed;
    expect(ran).toEqual(['work']);
    const handle = await executor([answers('at last')]).getHandle(agent, 's');
    expect(await handle?.result()).toMatchObject({ status: 'completed', output: 'at last', stepCount: 2 });
    expect(outcomes(await store.messagesAfter('s', 0))).toMatchObject([{ type: 'result', value: 1 }]);
  });

  it('lets bodies run that were claimed while news are read that came with the commit', async () => {
    const [reading, read] = [gate(), gate()];
    const ran: string[] = [];
    const { store, executor } = shared();
    const agent = agentWith([action('work', () => ran.push('work'), once)]);
    const [commit, load] = [store.commit.bind(store), store.load.bind(store)];
    let isSlow = false;
    store.load = async (sessionId: string) => {
      if (isSlow) await (reading.resolve(), read.promise);
      return load(sessionId);
    };
    store.commit = async (sessionId: string, given: SessionCommit) => {
      if (given.head?.step?.op === 'reply')
        await store.deliver('s', { kind: 'message', messageId: 'm', parts: [{ type: 'text', text: 'More' }], at: 1 });
      const outcome = await commit(sessionId, given);
      isSlow = given.head?.step?.op === 'reply';
      return outcome;
    };
    const first = executor([calls(['work', {}]), hangs], { limits });
    await first.execute(agent, 'Hi', { sessionId: 's' });
    await reading.promise;
    const closed = first.close();
    isSlow = false;
    read.resolve();
    await closed;
    expect(ran).toEqual(['work']);
    expect(outcomes(await store.messagesAfter('s', 0))).toMatchObject([{ type: 'result', value: 1 }]);
  });

  it('lets a hook end that hears of the end of a run: nobody tells it again', async () => {
    const [begun, end] = [gate(), gate()];
    let signal: AbortSignal | undefined;
    const onAgentComplete = async (_: unknown, { abortSignal }: HookContext) => {
      signal = abortSignal;
      begun.resolve();
      await end.promise;
    };
    const agent = defineAgent({ name: 'n', systemPrompt: '', hooks: { onAgentComplete } });
    const first = shared().executor([answers('Hi')], { limits: { stopGraceMs: 60_000, drainMs: 60_000 } });
    await first.execute(agent, 'Hi', { sessionId: 's' });
    await begun.promise;
    const closed = first.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(signal?.aborted).toBe(false);
    end.resolve();
    await closed;
  });

  it('does not wait for what its executor is asked for meanwhile', async () => {
    const clock = new FakeClock();
    const lines: unknown[] = [];
    const { begun, hang } = hanging();
    const first = shared().executor([calls(['stuck', {}]), hangs], {
      clock,
      logger: { log: (...line) => void lines.push(line) },
    });
    await first.execute(agentWith([action('stuck', hang)]), 'Hi', { sessionId: 's' });
    await begun;
    const closed = vi.fn<() => void>();
    const closing = first.close().then(closed);
    await first.execute(agentWith([]), 'Hi', { sessionId: 'other' });
    await clock.advance(100);
    expect(closed).toHaveBeenCalledOnce();
    expect(lines).not.toContainEqual(expect.arrayContaining([expect.stringContaining('does not answer')]));
    await closing;
    await first.close();
  });

  it('ends a run whose last tool ends meanwhile', async () => {
    const [begun, end] = [gate(), gate<string>()];
    const last = action('last', () => (begun.resolve(), end.promise), { finishWith: true });
    const { store, first } = await begin([calls(['last', {}])], [last], begun.promise);
    const closed = first.close();
    end.resolve('done');
    await closed;
    expect((await store.load('s'))?.run?.phase).toMatchObject({ outcome: 'completed', output: 'done' });
  });
});
