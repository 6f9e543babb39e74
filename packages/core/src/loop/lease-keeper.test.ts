// Would catch: a lease that nobody gives back, so that a process that closed never ends, or its sessions wait after an outage; a timer
// that outlives close.
import { expect, it } from 'vitest';
import type { SessionStateStore } from '../contracts/session-state-store.ts';
import { HelixError } from '../errors/helix-error.ts';
import { resolvePorts } from '../ports/default-ports.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { LeaseKeeper } from './lease-keeper.ts';

function makeKeeper() {
  const clock = new FakeClock();
  const open = new Set<string>();
  const network = { isAway: false };
  const answer = async <T>(work: () => T): Promise<T> => {
    if (network.isAway) throw new HelixError('state_store_unavailable', 'the store is away');
    return work();
  };
  const store: Partial<SessionStateStore> = {
    durability: 'commit',
    openHolder: ({ holderId }) => answer(() => void open.add(holderId)),
    renewHolder: (holderId) => answer(() => open.has(holderId)),
    closeHolder: (holderId) => answer(() => void open.delete(holderId)),
  };
  const leases = new LeaseKeeper(store as SessionStateStore, resolvePorts({ clock }));
  return { clock, leases, open, network };
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

it.each([
  ['still used', 0],
  ['not used any more', 2_000],
])('one that an outage ended is given back to whoever asks for the next, also where it is %s', async (_, unusedMs) => {
  const { clock, leases, open, network } = makeKeeper();
  const release = leases.keep();
  const first = await leases.underLease(async ({ holderId }) => holderId);
  network.isAway = true;
  await clock.advance(40_000);
  if (unusedMs > 0) release();
  await clock.advance(unusedMs);
  await expect(leases.underLease(async () => {})).rejects.toMatchObject({ code: 'state_store_unavailable' });
  expect([...open]).toEqual([first]);
  network.isAway = false;
  const second = await leases.underLease(async ({ holderId }) => holderId);
  expect([...open]).toEqual([second]);
  await leases.close();
});
