// Would catch: a lease that is renewed after others may take it for ended, a holder that is not told of its loss, or told twice.
import { expect, it, vi } from 'vitest';
import { Holders } from './holders.ts';

function opened() {
  const holders = new Holders(500);
  const onLost = vi.fn<() => void>();
  holders.open({ holderId: 'h', leaseMs: 100, onLost }, 1_000);
  return { holders, onLost };
}

it('a lease is renewed to its last millisecond, and has ended with it', async () => {
  const { holders, onLost } = opened();
  expect(holders.renew('h', 1_099)).toBe(true);
  expect(holders.renew('h', 1_199)).toBe(false);
  await Promise.resolve();
  expect(onLost).toHaveBeenCalledOnce();
});

it('its sessions are free a grace after its end, and at once where it let go or is not known', () => {
  const { holders } = opened();
  expect(holders.freeAt('h')).toBe(1_600);
  holders.close('h');
  expect([holders.freeAt('h'), holders.freeAt('other')]).toEqual([0, 0]);
  expect(holders.renew('h', 1_001)).toBe(false);
});

it('who lost a lease hears of it once, and after the one who took it has gone on', async () => {
  const { holders, onLost } = opened();
  holders.renew('h', 2_000);
  holders.lose('h');
  holders.lose('h');
  expect(onLost).not.toHaveBeenCalled();
  await Promise.resolve();
  expect(onLost).toHaveBeenCalledOnce();
  expect(holders.renew('h', 1_001)).toBe(false);
});

it('who believes in a lease while a session is taken from it hears of it', async () => {
  const { holders, onLost } = opened();
  holders.lose('h');
  await Promise.resolve();
  expect(onLost).toHaveBeenCalledOnce();
});

it('a listener that throws harms nobody', async () => {
  const holders = new Holders(0);
  holders.open({ holderId: 'h', leaseMs: 1, onLost: () => expect.unreachable() }, 0);
  holders.lose('h');
  await Promise.resolve();
  expect(holders.freeAt('h')).toBe(0);
});
