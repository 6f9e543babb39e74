// Would catch: an owner that goes on writing after its lease was lost, or takes its next run under the same one; one that begins what it
// may have to leave to another (S15).
import { defineAgent, type CommitOutcome } from '@helix-agents/core';
import { FakeClock } from '@helix-agents/core/testing';
import { describe, expect, it, vi } from 'vitest';
import { action, answers, calls, gate, hanging, hangs, inMemory, outcomes, plain } from '../test/harness.ts';
import { holdersOf, leave, shared } from '../test/shared-store.ts';

describe('a run whose owner loses its lease', () => {
  it('gets nothing written by it, where it judged a step meanwhile', async () => {
    const { store, executor } = shared();
    const holders = holdersOf(store);
    const committed = vi.spyOn(store, 'commit');
    const judged = gate<number>();
    const look = action('look', () => 'seen');
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

  it('is left to the next one, where it opened the stream meanwhile', async () => {
    const { store, streams, executor } = shared();
    const holders = holdersOf(store);
    const open = streams.openWriter.bind(streams);
    vi.spyOn(streams, 'openWriter').mockImplementationOnce((...args) => {
      holders[0]?.onLost?.();
      return open(...args);
    });
    await leave(executor([]), plain);
    expect(await store.load('s')).toMatchObject({ step: null, run: { phase: { at: 'running' } } });
    await store.closeHolder(holders[0]?.holderId ?? '');
    const handle = await executor([answers('from the second')]).getHandle(plain, 's');
    expect(await handle?.result()).toMatchObject({ status: 'completed', output: 'from the second' });
  });
});

it('a process whose lease was lost begins its next run under another one', async () => {
  const { store, executor } = shared();
  const holders = holdersOf(store);
  const { begun, hang } = hanging();
  const process = executor([hang, answers('under another')]);
  await process.execute(plain, 'Hi', { sessionId: 's' });
  await begun;
  holders[0]?.onLost?.();
  const handle = await process.execute(plain, 'Hi', { sessionId: 't' });
  expect(await handle.result()).toMatchObject({ status: 'completed', output: 'under another' });
  expect(new Set(holders.map(({ holderId }) => holderId)).size).toBe(2);
});

it.each([
  ['asks no model', 'beforeLLMCall'],
  ['begins no body', 'beforeTool'],
])('an owner whose lease is in its last seconds %s until it is renewed', async (_, hook) => {
  const clock = new FakeClock();
  const [begun, may, renewed] = [gate(), gate(), gate<boolean>()];
  let bodies = 0;
  const act = action('act', () => void (bodies += 1));
  const hooks = { [hook]: () => (begun.resolve(), may.promise) };
  const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [act], hooks });
  const { store, llm, executor } = inMemory([calls(['act', {}]), answers('ok')], { clock });
  store.renewHolder = () => renewed.promise;
  const handle = await executor.execute(agent, 'Hi');
  await begun.promise;
  const asked = llm.requests.length;
  await clock.advance(26_000);
  may.resolve();
  await clock.advance(0);
  expect({ asked: llm.requests.length, bodies }).toEqual({ asked, bodies: 0 });
  renewed.resolve(true);
  expect(await handle.result()).toMatchObject({ status: 'completed', output: 'ok' });
  expect({ asked: llm.requests.length, bodies }).toEqual({ asked: 2, bodies: 1 });
});

type Process = ReturnType<typeof inMemory> & { readonly holders: ReturnType<typeof holdersOf> };

it.each([
  ['the executor was closed', ({ executor }: Process) => executor.close()],
  ['the lease has ended', ({ holders }: Process) => holders[0]?.onLost?.()],
  [
    'it has another owner, or was deleted',
    ({ store }: Process) => {
      const fenced = { landed: false, reason: 'fenced' } as CommitOutcome;
      vi.spyOn(store, 'commit').mockResolvedValue(fenced);
    },
  ],
])('an owner that lets go of a session while a tool runs says why: %s', async (why, lose) => {
  const [begun, ended] = [gate(), gate()];
  const slow = action('slow', () => (begun.resolve(), ended.promise));
  const logged: unknown[] = [];
  const log = (level: string, message: string) => level !== 'debug' && logged.push(message);
  const script = [calls(['slow', {}], ['slow', {}]), hangs];
  const parts = inMemory(script, { logger: { log }, limits: { stopGraceMs: 20, drainMs: 20 } });
  const process = { ...parts, holders: holdersOf(parts.store) };
  const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [slow] });
  await process.executor.execute(agent, 'Hi', { sessionId: 's' });
  await begun.promise;
  const lost = lose(process);
  ended.resolve();
  await lost;
  await expect.poll(() => new Set(logged)).toEqual(new Set([`the session was let go: ${why}`]));
  await process.executor.close();
});
