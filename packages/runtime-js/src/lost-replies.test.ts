// Would catch: a run that nobody drives because the answer of the store was lost, or a lease that is held for none.
import { type Json } from '@helix-agents/core';
import { FakeClock, MockLLMAdapter } from '@helix-agents/core/testing';
import { expect, it, vi } from 'vitest';
import { answers, hangs, plain } from '../test/harness.ts';
import { holdersOf, leave, shared } from '../test/shared-store.ts';
import { JSAgentExecutor } from './index.ts';

it('a run that is ours without our knowing is driven at the next touch', async () => {
  const { store, executor } = shared();
  const holders = holdersOf(store);
  await leave(executor([hangs]), plain);
  const second = executor([hangs, answers('in the end')]);
  await second.execute(plain, 'Hi', { sessionId: 'other' });
  const claim = { holderId: holders.at(-1)?.holderId ?? '', runtime: 'js', token: 'unheard', resume: false };
  expect(await store.claim('s', claim)).toMatchObject({ claimed: true });
  const handle = await second.getHandle(plain, 's');
  expect(await handle?.result()).toMatchObject({ output: 'in the end' });
  await second.close();
});

it('a session whose claim was granted, and the reply lost, is driven without a further touch', async () => {
  const { store, executor } = shared();
  await leave(executor([hangs]), plain);
  const claim = store.claim.bind(store);
  vi.spyOn(store, 'claim').mockImplementationOnce(async (...args) => {
    await claim(...args);
    throw new Error('the connection was lost');
  });
  const second = executor([answers('in the end')]);
  await expect(second.getHandle(plain, 's')).rejects.toThrow('the connection was lost');
  await expect.poll(async () => (await store.head('s'))?.phase).toBe('ended');
  const handle = await second.getHandle(plain, 's');
  expect(await handle?.result()).toMatchObject({ output: 'in the end' });
});

it('an entry that landed, and the reply lost, is driven by the process that made it', async () => {
  const { store, executor } = shared();
  const commit = store.commit.bind(store);
  vi.spyOn(store, 'commit').mockImplementationOnce(async (...args) => {
    await commit(...args);
    return { landed: 'unknown', cause: new Error('the connection was lost') };
  });
  const first = executor([answers('all the same')]);
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
