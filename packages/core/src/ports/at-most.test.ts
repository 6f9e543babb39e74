// Would catch: somebody who waits for ever, or a timer that outlives what it was set for.
import { expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import { atMost } from './at-most.ts';

it('says whether the work ended in time, and leaves no timer', async () => {
  const clock = new FakeClock();
  expect(await atMost(clock, 10, Promise.resolve())).toBe(true);
  expect(clock.pending).toBe(0);
  const waiting = atMost(clock, 10, new Promise(() => {}));
  await clock.advance(10);
  expect(await waiting).toBe(false);
  await expect(atMost(clock, 10, Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(clock.pending).toBe(0);
});
