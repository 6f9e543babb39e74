// Would catch: a store in memory that keeps other promises than the durable ones, so that tests on it prove nothing.
import { sessionStateStoreSuite } from '@helix-agents/conformance';
import { FakeClock } from '@helix-agents/core/testing';
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
