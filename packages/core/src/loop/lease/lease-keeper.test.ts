// Would catch: a lease that nobody gives back, so that a process that closed never ends, or its sessions wait after an outage; a timer
// that outlives close.
import { expect, it, vi } from 'vitest';
import type { SessionStateStore } from '../../contracts/session-state-store.ts';
import { HelixError } from '../../errors/helix-error.ts';
import { resolvePorts } from '../../ports/default-ports.ts';
import type { Logger } from '../../ports/ports.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { LeaseKeeper } from './lease-keeper.ts';

const nothingRuns = async () => {};

function makeKeeper() {
  const clock = new FakeClock();
  const open = new Set<string>();
  const network = { isAway: false };
  const told: { doubt?: (() => void) | undefined } = {};
  const answer = async <T>(work: () => T): Promise<T> => {
    if (network.isAway) throw new HelixError('state_store_unavailable', 'the store is away');
    return work();
  };
  const store: Partial<SessionStateStore> = {
    durability: 'commit',
    openHolder: ({ holderId, onDoubt }) =>
      answer(() => {
        open.add(holderId);
        told.doubt = onDoubt;
      }),
    renewHolder: (holderId) => answer(() => open.has(holderId)),
    closeHolder: (holderId) => answer(() => void open.delete(holderId)),
  };
  const lines: unknown[] = [];
  const logger: Logger = { log: (level, message) => void lines.push(`${level}: ${message}`) };
  const leases = new LeaseKeeper(store as SessionStateStore, resolvePorts({ clock, logger }));
  return { clock, leases, open, network, store, lines, doubt: () => told.doubt?.() };
}

it('who asks for a lease while another one is given back gets one that is given back, too', async () => {
  const { clock, leases, open } = makeKeeper();
  await leases.underLease(async () => {});
  const closed = leases.close(nothingRuns);
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
  await leases.close(nothingRuns);
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
  await leases.close(nothingRuns);
});

it('new work under a lease that is held sets no timer', async () => {
  const { clock, leases } = makeKeeper();
  const release = leases.keep();
  await leases.underLease(async () => {});
  const after = vi.spyOn(clock, 'after');
  await leases.underLease(async () => {});
  expect(after).not.toHaveBeenCalled();
  release();
  await leases.close(nothingRuns);
});

it('new work waits for two seconds to know whether the lease is held, and nobody opens a second one', async () => {
  const { clock, leases, open, network, doubt } = makeKeeper();
  const release = leases.keep();
  const first = await leases.underLease(async ({ holderId }) => holderId);
  network.isAway = true;
  doubt();
  const refused = leases.underLease(async () => 'worked').catch((error: HelixError) => error.code);
  await clock.advance(2_000);
  expect(await refused).toBe('state_store_unavailable');
  network.isAway = false;
  await clock.advance(1_000);
  expect(await leases.underLease(async ({ holderId }) => holderId)).toBe(first);
  expect([...open]).toEqual([first]);
  release();
  await leases.close(nothingRuns);
});

it('who asks in an outage is refused after two seconds, however many asked before', async () => {
  const { clock, leases, network, doubt } = makeKeeper();
  const release = leases.keep();
  await leases.underLease(async () => {});
  network.isAway = true;
  doubt();
  const refused: number[] = [];
  const ask = (asked: number) => leases.underLease(async () => {}).catch(() => refused.push(clock.monotonic() - asked));
  for (let callers = 0; callers < 20; callers += 1) {
    void ask(clock.monotonic());
    await clock.advance(100);
  }
  await clock.advance(2_000);
  expect(refused).toEqual(Array.from({ length: 20 }, () => 2_000));
  network.isAway = false;
  release();
  await leases.close(nothingRuns);
});

it('who waits for a lease when everything is closed is refused, and leaves none open', async () => {
  const { clock, leases, open } = makeKeeper();
  const refused = leases.underLease(async () => {}).catch((error: HelixError) => error);
  await leases.close(nothingRuns);
  expect(await refused).toMatchObject({ code: 'state_lease_lost', message: 'the executor was closed' });
  expect(open.size).toBe(0);
  await clock.advance(2_000);
  expect(clock.pending).toBe(0);
});

it('a close does not wait to know whether the lease is held: nothing begins under it any more', async () => {
  const { clock, leases, network, doubt } = makeKeeper();
  const release = leases.keep();
  const ending = await leases.underLease(async (lease) => lease.ending);
  network.isAway = true;
  doubt();
  const waiting = leases.underLease(async () => {}).catch((error: HelixError) => error.code);
  await clock.advance(100);
  const closed = leases.close(nothingRuns);
  expect(ending.aborted).toBe(true);
  await clock.advance(0);
  expect(await waiting).toBe('state_lease_lost');
  await closed;
  release();
});

it('a close keeps the lease until what is under way under it has ended, and so does a second one', async () => {
  const { leases, open } = makeKeeper();
  const lease = await leases.underLease(async (held) => held);
  const work = Promise.withResolvers<void>();
  let closed = 0;
  const closes = [1, 2].map(() => leases.close(() => work.promise).then(() => (closed += 1)));
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect([lease.ending.aborted, lease.lost.aborted, open.size, closed]).toEqual([true, false, 1, 0]);
  work.resolve();
  await Promise.all(closes);
  expect([lease.lost.aborted, open.size]).toEqual([true, 0]);
});

const notGivenBack = 'warn: a lease could not be given back; it ends by itself';

it.each([
  ['is away', () => Promise.reject(new HelixError('state_store_unavailable', 'the store is away'))],
  ['does not answer', () => new Promise<never>(() => {})],
])(
  'a close over a store that %s says so and is over: a shutdown goes on, and the lease ends by itself',
  async (_, away) => {
    const { clock, leases, store, lines } = makeKeeper();
    await leases.underLease(async () => {});
    store.closeHolder = away;
    let over = false;
    const closed = leases.close(nothingRuns).then(() => (over = true));
    await clock.advance(5_000);
    expect(over).toBe(true);
    await closed;
    expect(lines).toEqual([notGivenBack]);
    expect(clock.pending).toBe(0);
  },
);

it('a close during an outage that ended the lease is over as well', async () => {
  const { clock, leases, network, lines } = makeKeeper();
  leases.keep();
  await leases.underLease(async () => {});
  network.isAway = true;
  await clock.advance(40_000);
  await expect(leases.underLease(async () => {})).rejects.toMatchObject({ code: 'state_store_unavailable' });
  await leases.close(nothingRuns);
  expect(lines.at(-1)).toBe(notGivenBack);
  expect(clock.pending).toBe(0);
});
