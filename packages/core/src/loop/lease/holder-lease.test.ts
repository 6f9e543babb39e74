// Would catch: a session that is given to another process, which verifies or repeats its effects, while a body of it still runs here;
// an effect that starts when another process may have the session.
import { expect, it } from 'vitest';
import type { HolderRequest, SessionLeases } from '../../contracts/session-state-store.ts';
import { resolvePorts } from '../../ports/default-ports.ts';
import type { Logger } from '../../ports/ports.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { HolderLease } from './holder-lease.ts';

async function openLease(
  renewHolder: SessionLeases['renewHolder'] = () => Promise.resolve(true),
  clock: FakeClock = new FakeClock(),
) {
  const given: string[] = [];
  const told: Pick<HolderRequest, 'onDoubt'>[] = [];
  const store: Pick<SessionLeases, 'openHolder' | 'renewHolder' | 'closeHolder'> = {
    openHolder: (holder) => Promise.resolve(void told.push(holder)),
    renewHolder,
    closeHolder: (holderId) => Promise.resolve(void given.push(holderId)),
  };
  const lines: unknown[] = [];
  const logger: Logger = { log: (...line) => void lines.push(line) };
  const ports = resolvePorts({ clock, logger, limits: { stopGraceMs: 2_000 } });
  const lease = await HolderLease.open(store as SessionLeases, ports);
  const doubt = () => told[0]?.onDoubt?.();
  return { clock, given, lease, lines, doubt };
}

it.each([
  ['doubted', (holder: HolderRequest) => holder.onDoubt?.(), false],
  ['lost', (holder: HolderRequest) => holder.onLost?.(), true],
])('that is %s before it is known to be open is so', async (_, tell, ends) => {
  const clock = new FakeClock();
  const renewed = Promise.withResolvers<boolean>();
  const store: Pick<SessionLeases, 'openHolder' | 'renewHolder' | 'closeHolder'> = {
    openHolder: async (holder) => tell(holder),
    renewHolder: () => renewed.promise,
    closeHolder: async () => {},
  };
  const lease = await HolderLease.open(store as SessionLeases, resolvePorts({ clock }));
  await clock.advance(0);
  expect(lease.mayStartEffect()).toBe(false);
  renewed.resolve(true);
  await clock.advance(0);
  expect(lease.mayStartEffect()).toBe(!ends);
  expect(lease.lost.aborted).toBe(ends);
  await lease.close();
});

it('is given back at once where no body runs', async () => {
  const { given, lease } = await openLease();
  const ended = Promise.resolve();
  lease.holds(ended);
  await ended;
  await lease.close();
  expect(given).toEqual([lease.holderId]);
});

it('tells bodies to stop, and is given back once they have', async () => {
  const { clock, given, lease } = await openLease();
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  lease.holds(first.promise);
  lease.holds(second.promise);
  const closed = lease.close();
  expect(lease.lost.aborted).toBe(true);
  first.reject(new Error('stopped'));
  await clock.advance(1_000);
  expect(given).toEqual([]);
  second.resolve();
  await closed;
  expect(given).toEqual([lease.holderId]);
});

it('is given back after the grace of a stop where a body does not end', async () => {
  const { clock, given, lease } = await openLease();
  const body = Promise.withResolvers<void>();
  lease.holds(body.promise);
  const closed = lease.close();
  await clock.advance(1_999);
  expect(given).toEqual([]);
  await clock.advance(1);
  await closed;
  expect(given).toEqual([lease.holderId]);
});

it('lets no effect start in its last five seconds, which count from when its renewal was asked for', async () => {
  const answers = [Promise.withResolvers<boolean>(), Promise.withResolvers<boolean>()];
  let asked = 0;
  const { clock, lease } = await openLease(() => answers[asked++]!.promise);
  await clock.advance(19_000);
  answers[0]?.resolve(true);
  await clock.advance(15_999);
  expect([asked, lease.mayStartEffect()]).toEqual([2, true]);
  await clock.advance(1);
  expect([asked, lease.mayStartEffect()]).toEqual([2, false]);
});

it.each([
  ['set back, while time went on', -3_600_000, 25_000],
  ['set forward, as after a sleep of the machine', 25_000, 0],
])('lets no effect start where the clock of the machine was %s', async (_, skewMs, passedMs) => {
  const clock = new FakeClock();
  const now = clock.now.bind(clock);
  const { lease } = await openLease(() => new Promise(() => {}), clock);
  expect(lease.mayStartEffect()).toBe(true);
  clock.now = () => now() + skewMs;
  await clock.advance(passedMs);
  expect(lease.mayStartEffect()).toBe(false);
});

it('has ended where it was renewed too late, whatever the store says, and is given back like any other', async () => {
  const answer = Promise.withResolvers<boolean>();
  const { clock, given, lease } = await openLease(() => answer.promise);
  const body = Promise.withResolvers<void>();
  lease.holds(body.promise);
  await clock.advance(31_000);
  answer.resolve(true);
  await expect(lease.untilSafe()).rejects.toMatchObject({ code: 'state_lease_lost' });
  expect(lease.lost.aborted).toBe(true);
  expect(given).toEqual([]);
  body.resolve();
  await lease.close();
  expect(given).toEqual([lease.holderId]);
});

it('lets no effect start while the store doubts it, and goes on once it was renewed', async () => {
  const answers = [Promise.withResolvers<boolean>(), Promise.withResolvers<boolean>()];
  let asked = 0;
  const { clock, lease, doubt } = await openLease(() => answers[asked++]!.promise);
  doubt();
  expect([lease.mayStartEffect(), lease.lost.aborted]).toEqual([false, false]);
  await clock.advance(0);
  // What the store doubts while it is asked, this answer does not settle.
  doubt();
  answers[0]?.resolve(true);
  await clock.advance(0);
  expect([asked, lease.mayStartEffect()]).toEqual([2, false]);
  answers[1]?.resolve(true);
  await lease.untilSafe();
  expect([asked, lease.mayStartEffect()]).toEqual([2, true]);
});

it('has ended where the store says so when it is asked in doubt', async () => {
  const { clock, lease, doubt } = await openLease(() => Promise.resolve(false));
  doubt();
  await clock.advance(0);
  expect(lease.lost.aborted).toBe(true);
});

it('is not in doubt for longer than it lasts', async () => {
  const { clock, given, lease, doubt } = await openLease(() => Promise.reject(new Error('the store is away')));
  await clock.advance(5_000);
  doubt();
  await clock.advance(24_000);
  expect([lease.mayStartEffect(), lease.lost.aborted]).toEqual([false, false]);
  await clock.advance(2_000);
  expect(lease.lost.aborted).toBe(true);
  expect(given).toEqual([lease.holderId]);
});

it('has ended at its time, also where the store does not answer at all', async () => {
  const { clock, lease } = await openLease(() => new Promise<never>(() => {}));
  await clock.advance(29_999);
  expect(lease.lost.aborted).toBe(false);
  const waiting = lease.untilSafe().catch((error: unknown) => error);
  await clock.advance(1);
  expect(lease.lost.aborted).toBe(true);
  expect(await waiting).toMatchObject({ code: 'state_lease_lost' });
});

it('that cannot be renewed says so once, and once more when it is renewed again, and how long that took', async () => {
  const away = new Error('the store is away');
  let isAway = true;
  const { clock, lease, lines, doubt } = await openLease(() => (isAway ? Promise.reject(away) : Promise.resolve(true)));
  const { holderId } = lease;
  const failed = ['warn', 'the lease could not be renewed', { holderId, error: away }];
  await clock.advance(10_000);
  doubt();
  await clock.advance(5_000);
  expect(lines).toEqual([failed]);
  isAway = false;
  await clock.advance(1_000);
  expect(lines).toEqual([
    failed,
    ['info', 'the lease is renewed again', { holderId, afterMs: expect.any(Number) as number }],
  ]);
  const { afterMs } = (lines[1] as [string, string, { afterMs: number }])[2];
  expect(afterMs).toBeGreaterThanOrEqual(5_000);
  expect(afterMs).toBeLessThanOrEqual(6_000);
  isAway = true;
  await clock.advance(11_000);
  expect(lines.slice(2)).toEqual([failed]);
  await lease.close();
});
