// Would catch: a run that an outage of its store ends, or that asks for ever for what it will never get.
import { beforeEach, expect, it } from 'vitest';
import { HelixError } from '../../errors/helix-error.ts';
import { resolvePorts } from '../../ports/default-ports.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { readSurely } from './read-surely.ts';

const clock = new FakeClock();
let lines: string[] = [];
const logger = { log: (level: string, message: string) => void lines.push(`${level}: ${message}`) };
const lease = { mayStartEffect: () => true, untilSafe: async () => {} };
const parts = { ports: resolvePorts({ clock, logger }), lease };

beforeEach(() => {
  lines = [];
});

it.each([
  ['no answer', new Error('the connection was lost')],
  ['a login that is refused for now', new HelixError('state_store_denied', 'a password is being changed')],
])('a run outlives %s', async (_, error) => {
  let asked = 0;
  const read = readSurely(parts, async () => ((asked += 1) < 3 ? Promise.reject(error) : 'read'));
  await clock.advance(1_000);
  expect([await read, asked]).toEqual(['read', 3]);
});

it('an outage is told when it begins and when it is over, however often the store is asked', async () => {
  let asked = 0;
  const read = readSurely(parts, async () => ((asked += 1) < 40 ? Promise.reject(new Error('away')) : 'read'));
  await clock.advance(20_000);
  await read;
  expect(lines).toEqual(['warn: the store could not be read; asking again', 'info: the store could be read again']);
});

it('what no repetition changes is told at once', async () => {
  const unreadable = new HelixError('state_record_unreadable', 'of a later release');
  await expect(readSurely(parts, () => Promise.reject(unreadable))).rejects.toBe(unreadable);
});
