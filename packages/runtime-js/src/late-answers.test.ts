// Would catch: a run that is worked on a second time, or while an entry takes its place, because somebody read that it is ours before
// whoever asked for it was told.
import type { SessionStateStore } from '@helix-agents/core';
import { FakeClock, MockLLMAdapter, type MockStep } from '@helix-agents/core/testing';
import { InMemoryStreamManager } from '@helix-agents/store-memory';
import { expect, it } from 'vitest';
import { LastingStore, answers, hangs, plain } from '../test/harness.ts';
import { JSAgentExecutor } from './index.ts';

/** A process over a store that does something at once, and tells of it late: the next time that it is asked for it. */
function makeProcess() {
  const clock = new FakeClock();
  const store: SessionStateStore = new LastingStore({ clock });
  const streams = new InMemoryStreamManager();
  const limits = { stopGraceMs: 20, drainMs: 20 };
  const processOf = (llm: MockLLMAdapter) => new JSAgentExecutor(store, streams, llm, { clock, limits });
  const tellLate = (what: 'commit' | 'claim' | 'claimDue') => {
    const does = store[what].bind(store) as (...of: unknown[]) => Promise<unknown>;
    Object.assign(store, {
      [what]: async (...of: unknown[]) => {
        Object.assign(store, { [what]: does });
        const answer = await does(...of);
        await clock.sleep(500);
        return answer;
      },
    });
  };
  const leaveOrphan = async () => {
    const first = processOf(new MockLLMAdapter([hangs]));
    await first.execute(plain, 'the first', { sessionId: 's' });
    await first.close();
  };
  const llm = new MockLLMAdapter(Array.from({ length: 4 }, (): MockStep => answers('done')));
  return { clock, store, llm, executor: processOf(llm), tellLate, leaveOrphan };
}

it('a run whose entry is told late is worked on once, also where somebody looks after it meanwhile', async () => {
  const { clock, llm, executor, tellLate } = makeProcess();
  tellLate('commit');
  const entered = executor.execute(plain, 'Hi', { sessionId: 's' });
  await clock.advance(100);
  await executor.getHandle(plain, 's');
  await clock.advance(5_000);
  expect(await (await entered).result()).toMatchObject({ status: 'completed' });
  expect(llm.requests).toHaveLength(1);
});

it('a run whose claim is told late is worked on once, also where somebody looks after it meanwhile', async () => {
  const { clock, llm, executor, tellLate, leaveOrphan } = makeProcess();
  await leaveOrphan();
  tellLate('claim');
  const looked = executor.getHandle(plain, 's');
  await clock.advance(100);
  await executor.getHandle(plain, 's');
  await clock.advance(5_000);
  expect(await (await looked)?.result()).toMatchObject({ status: 'completed' });
  expect(llm.requests).toHaveLength(1);
});

it('a run that recovery is told of late is worked on once, also where somebody looks after it meanwhile', async () => {
  const { clock, llm, executor, tellLate, leaveOrphan } = makeProcess();
  await leaveOrphan();
  tellLate('claimDue');
  const stop = new AbortController();
  const recovered = executor.startRecovery({ agents: { plain }, abortSignal: stop.signal });
  await clock.advance(100);
  const looked = executor.getHandle(plain, 's');
  await clock.advance(5_000);
  expect(await (await looked)?.result()).toMatchObject({ status: 'completed' });
  expect(llm.requests).toHaveLength(1);
  stop.abort();
  await recovered;
});

it('a run whose place an entry takes is not worked on, also where the entry is told late that it is ours', async () => {
  const { clock, llm, executor, tellLate, leaveOrphan } = makeProcess();
  await leaveOrphan();
  tellLate('claim');
  const entered = executor.execute(plain, 'the second', { sessionId: 's' });
  await clock.advance(100);
  await executor.getHandle(plain, 's');
  await clock.advance(5_000);
  expect(await (await entered).result()).toMatchObject({ status: 'completed', turn: 2 });
  expect(llm.requests).toHaveLength(1);
});
