// Would catch: a lease that nobody gives back, so that a process that closed never ends; a timer that outlives close.
import { expect, it } from 'vitest';
import type { SessionStateStore } from '../contracts/session-state-store.ts';
import { resolvePorts } from '../ports/default-ports.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { LeaseKeeper } from './lease-keeper.ts';

function makeKeeper() {
  const clock = new FakeClock();
  const open = new Set<string>();
  const store: Partial<SessionStateStore> = {
    durability: 'commit',
    openHolder: async ({ holderId }) => void open.add(holderId),
    renewHolder: async (holderId) => open.has(holderId),
    closeHolder: async (holderId) => void open.delete(holderId),
  };
  const leases = new LeaseKeeper(store as SessionStateStore, resolvePorts({ clock }));
  return { clock, leases, open };
}

it('who asks for a lease while another one is given back gets one that is given back, too', async () => {
  const { clock, leases, open } = makeKeeper();
  await leases.underLease(async () => {});
  const closed = leases.close();
  await leases.underLease(async (lease) => expect(lease.mayStartEffect()).toBe(true));
  await closed;
  await clock.advance(5_000);
  expect(open.size).toBe(0);
  expect(clock.pending).toBe(0);
});

it('what ends after a close leaves no timer behind', async () => {
  const { clock, leases, open } = makeKeeper();
  const release = leases.keep();
  await leases.underLease(async () => {});
  await leases.close();
  release();
  expect(open.size).toBe(0);
  expect(clock.pending).toBe(0);
});
