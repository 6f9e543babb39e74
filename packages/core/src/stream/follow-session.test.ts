// Would catch: a reader that is told by a TypeError, and only when it reads, what it was not given.
import { expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import { followSession } from './follow-session.ts';

const whole = { stateStore: {}, streamManager: {}, clock: new FakeClock(), sessionId: 's', after: 0 };

it.each([
  ['nothing', undefined, 'stateStore is missing: give that of the executor'],
  ['no stream manager', { ...whole, streamManager: undefined }, 'streamManager is missing: give that of the executor'],
  ['no clock', { ...whole, clock: undefined }, 'clock is missing: give resolvePorts().clock, or that of a test'],
])('a reader that is given %s is refused at once, by name', (_, options, problem) => {
  const refusal = { code: 'input_invalid', message: `followSession: ${problem}` };
  expect(() => followSession(options as never)).toThrow(expect.objectContaining(refusal));
});
