// Would catch: a session that is given to another process, which verifies or repeats its effects, while a body of it still runs here.
import { expect, it } from 'vitest';
import type { SessionLeases } from '../contracts/session-state-store.ts';
import { resolvePorts } from '../ports/default-ports.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { HolderLease } from './holder-lease.ts';

async function openLease() {
  const clock = new FakeClock();
  const given: string[] = [];
  const store: Pick<SessionLeases, 'openHolder' | 'renewHolder' | 'closeHolder'> = {
    openHolder: () => Promise.resolve(),
    renewHolder: () => Promise.resolve(true),
    closeHolder: (holderId) => Promise.resolve(void given.push(holderId)),
  };
  const ports = resolvePorts({ clock, limits: { stopGraceMs: 2_000 } });
  const lease = await HolderLease.open(store as SessionLeases, ports);
  return { clock, given, lease };
}

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
