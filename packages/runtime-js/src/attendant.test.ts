// Would catch: a run that nobody takes up while somebody waits for it, a look at the store each second that nobody needs, and a timer
// that keeps a process from its end.
import { FakeClock } from '@helix-agents/core/testing';
import { expect, it } from 'vitest';
import { Attendant } from './attendant.ts';

function attended(look: () => Promise<unknown> = async () => {}) {
  const clock = new FakeClock();
  const told = { looks: 0 };
  const attendant = new Attendant(clock, () => {
    told.looks += 1;
    return look();
  });
  return { clock, attendant, told };
}

it('looks after a run each second in which somebody waits in vain', async () => {
  const { clock, attendant, told } = attended();
  attendant.waits();
  await clock.advance(999);
  expect(told.looks).toBe(0);
  await clock.advance(2_001);
  expect(told.looks).toBe(3);
});

it('does not look in a second in which something came', async () => {
  const { clock, attendant, told } = attended();
  attendant.waits();
  attendant.goesOn();
  attendant.waits();
  await clock.advance(1_000);
  expect(told.looks).toBe(0);
  await clock.advance(1_000);
  expect(told.looks).toBe(1);
});

it('leaves one timer behind where nobody waits any more, which ends by itself', async () => {
  const { clock, attendant, told } = attended();
  attendant.waits();
  attendant.waits();
  attendant.goesOn();
  attendant.goesOn();
  expect(clock.pending).toBe(1);
  await clock.advance(1_000);
  expect([told.looks, clock.pending]).toEqual([0, 0]);
  attendant.waits();
  expect(clock.pending).toBe(1);
});

it('leaves nothing behind once nobody will wait', () => {
  const { clock, attendant } = attended();
  attendant.waits();
  attendant.leave();
  expect(clock.pending).toBe(0);
});

it('looks again where a look failed', async () => {
  const { clock, attendant, told } = attended(() => Promise.reject(new Error('away')));
  attendant.waits();
  await clock.advance(2_000);
  expect(told.looks).toBe(2);
});
