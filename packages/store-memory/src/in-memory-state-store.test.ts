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

it('who asks for what is due looks at no session whose run is over: of those there are ever more', async () => {
  const store = new InMemoryStateStore();
  const start = {
    op: 'start',
    runId: 'r',
    turn: 1,
    entry: 'execute',
    agentType: 'a',
    runtime: 'js',
    key: null,
  } as const;
  await store.commit('s', {
    v: 1,
    token: 'first',
    at: 1,
    fence: { as: 'entry', expectRunId: null, version: 0, inbox: 0 },
    run: { ...start, sessionId: 's', startedAt: 1, startSequence: 0, claim: { holderId: 'h' } },
    head: { create: { agentType: 'a', runtime: 'js', state: {}, identity: {}, systemPrompt: null } },
  });
  const isAskedFor = vi.fn<() => boolean>(() => false);
  const agentTypes = Object.assign(['a'], { includes: isAskedFor });
  const look = () => store.claimDue({ holderId: 'other', runtime: 'js', agentTypes, limit: 1 });
  await look();
  expect(isAskedFor).toHaveBeenCalledTimes(1);
  const ended = await store.commit('s', {
    v: 1,
    token: 'second',
    at: 2,
    fence: { as: 'owner', epoch: 1, version: 1, inbox: 0, lastToken: 'first' },
    run: { op: 'end', outcome: 'completed', reason: 'reply', endedAt: 2 },
  });
  expect(ended).toMatchObject({ landed: true });
  await look();
  expect(isAskedFor).toHaveBeenCalledTimes(1);
});
