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
