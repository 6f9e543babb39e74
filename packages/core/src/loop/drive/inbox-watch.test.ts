// Would catch: a stop that nobody tells the owner of, a look that outlives the run.
import { expect, it } from 'vitest';
import type { Signals } from '../../contracts/session-state-store.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { InboxWatch } from './inbox-watch.ts';

function watching() {
  const clock = new FakeClock();
  const listeners = new Set<() => void>();
  const signals: Signals = {
    notify: () => listeners.forEach((listener) => listener()),
    watch: (_, listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    watchDue: () => () => {},
  };
  let looks = 0;
  const owner = { look: async () => void (looks += 1), session: { version: 1 } };
  return { clock, signals, listeners, owner, watch: new InboxWatch(signals, 's', clock), looks: () => looks };
}

it('tells the owner at once what came before there was one', () => {
  const { signals, owner, watch, looks } = watching();
  signals.notify('s');
  expect(looks()).toBe(0);
  watch.tell(owner);
  expect(looks()).toBe(1);
  signals.notify('s');
  expect(looks()).toBe(2);
});

it('looks soon after the begin, and now and then, also where nobody says anything', async () => {
  const { clock, owner, watch, looks } = watching();
  watch.tell(owner);
  await clock.advance(49);
  expect(looks()).toBe(0);
  await clock.advance(1);
  expect(looks()).toBe(1);
  await clock.advance(10_000);
  expect(looks()).toBe(3);
});

it('need not look first where a commit of its own told it what was written before', async () => {
  const { clock, owner, watch, looks } = watching();
  watch.tell(owner);
  owner.session = { version: 2 };
  await clock.advance(5_000);
  expect(looks()).toBe(0);
  await clock.advance(50);
  expect(looks()).toBe(1);
});

it('leaves nothing behind', async () => {
  const { clock, listeners, owner, watch, looks } = watching();
  watch.tell(owner);
  watch.stop();
  await clock.advance(20_000);
  expect(looks()).toBe(0);
  expect(listeners.size).toBe(0);
  expect(clock.pending).toBe(0);
});
