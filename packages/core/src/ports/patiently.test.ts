// Would catch: a caller that waits for a run and is told of an outage that the run survives; one that waits for ever.
import { expect, it } from 'vitest';
import { HelixError } from '../errors/helix-error.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { resolvePorts } from './default-ports.ts';
import { patiently } from './patiently.ts';

const away = new HelixError('state_store_unavailable', 'away');

it.each([away, new HelixError('state_store_denied', 'a password that is being changed')])(
  'asks again until the store answers: %s',
  async (error) => {
    const clock = new FakeClock();
    let asked = 0;
    const answer = patiently(resolvePorts({ clock }), async () => {
      asked += 1;
      if (asked < 10) throw error;
      return asked;
    });
    await clock.advance(10_000);
    expect(await answer).toBe(10);
  },
);

it('logs an outage when it begins and when it is over, however often it asks', async () => {
  const clock = new FakeClock();
  const lines: string[] = [];
  const logger = { log: (level: string, message: string) => void lines.push(`${level}: ${message}`) };
  let asked = 0;
  const answer = patiently(resolvePorts({ clock, logger }), async () => ((asked += 1) < 40 ? Promise.reject(away) : 1));
  await clock.advance(20_000);
  await answer;
  expect(lines).toEqual(['warn: the store does not answer; asking again', 'info: the store answers again']);
});

it('tells after a minute that the store does not answer', async () => {
  const clock = new FakeClock();
  let told: unknown;
  patiently(resolvePorts({ clock }), () => Promise.reject(away)).catch((error: unknown) => (told = error));
  await clock.advance(59_000);
  expect(told).toBeUndefined();
  await clock.advance(2_000);
  expect(told).toBe(away);
});

it('tells at once what no repetition changes', async () => {
  const wrong = new HelixError('state_schema_mismatch', 'no such table');
  await expect(patiently(resolvePorts(), () => Promise.reject(wrong))).rejects.toBe(wrong);
});

it('ends when its caller goes away', async () => {
  const clock = new FakeClock();
  const caller = new AbortController();
  const asking = patiently(resolvePorts({ clock }), () => Promise.reject(away), caller.signal);
  await clock.advance(1_000);
  caller.abort(new Error('gone'));
  await expect(asking).rejects.toThrow('gone');
});
