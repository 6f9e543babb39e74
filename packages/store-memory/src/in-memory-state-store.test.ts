// Would catch: a store in memory that keeps other promises than the durable ones, so that tests on it prove nothing.
import { sessionStateStoreSuite } from '@helix-agents/conformance';
import { FakeClock } from '@helix-agents/core/testing';
import { expect, it, vi } from 'vitest';
import { InMemoryStateStore } from './in-memory-state-store.ts';

sessionStateStoreSuite('in memory', () => {
  const clock = new FakeClock();
  return {
    store: new InMemoryStateStore({ clock }),
    advance: (ms) => clock.advance(ms),
    now: () => clock.now(),
    close: async () => {},
  };
});

it('a holder that lets go and leaves nothing wakes nobody: idle processes would wake one another for ever', async () => {
  const store = new InMemoryStateStore();
  const woken = vi.fn<() => void>();
  store.signals.watchDue(woken);
  await store.openHolder({ holderId: 'h', leaseMs: 1_000 });
  await store.closeHolder('h');
  await Promise.resolve();
  expect(woken).not.toHaveBeenCalled();
});

it('sessions that are due take turns: one that was taken up and left again comes last', async () => {
  const store = new InMemoryStateStore();
  const make = (sessionId: string) =>
    store.commit(sessionId, {
      v: 1,
      token: `token of ${sessionId}`,
      at: 1,
      fence: { as: 'entry', expectRunId: null, version: 0, inbox: 0 },
      run: {
        op: 'start',
        sessionId,
        runId: `run of ${sessionId}`,
        turn: 1,
        entry: 'execute',
        agentType: 'a',
        runtime: 'js',
        key: null,
        startedAt: 1,
        startSequence: 0,
      },
      head: { create: { agentType: 'a', runtime: 'js', state: {}, identity: {}, systemPrompt: null } },
    });
  for (const sessionId of ['s1', 's2', 's3']) await make(sessionId);
  const taken: string[] = [];
  for (const holderId of ['h1', 'h2', 'h3', 'h4']) {
    await store.openHolder({ holderId, leaseMs: 1_000 });
    const claimed = await store.claimDue({ holderId, runtime: 'js', agentTypes: ['a'], limit: 1 });
    taken.push(...claimed.map(({ sessionId }) => sessionId));
    await store.closeHolder(holderId);
  }
  expect(taken).toEqual(['s1', 's2', 's3', 's1']);
});
