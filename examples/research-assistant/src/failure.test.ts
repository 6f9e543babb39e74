// Would catch: a next step that contradicts itself, a wait that nobody is told of, a code that is thrown away.
import { HelixError } from '@helix-agents/sdk';
import { expect, test } from 'vitest';
import { failureOf, failureOfRun } from './failure.ts';

test('what may succeed unchanged goes on with the same command; anything else only once it is mended', () => {
  const overloaded = failureOfRun(new HelixError('provider_overloaded', 'busy'), 'ses_1');
  expect(overloaded).toMatchObject({ code: 'provider_overloaded', unharmed: 'Every finished step is kept.' });
  expect(overloaded.nextStep).toBe('Wait and try again. The same command with --session ses_1 goes on.');
  const refused = failureOfRun(new HelixError('provider_refused', 'no'), 'ses_1');
  expect(refused.nextStep).toBe('Rephrase the request. Then go on with --session ses_1.');
});

test.each([
  [800, '0.8 s'],
  [12_000, '12 s'],
  [3_600_000, '60 min'],
  [9_000_000, '2.5 h'],
])('a provider that asks to wait %i ms is quoted with %s', (retryAfterMs, told) => {
  const error = new HelixError('provider_rate_limited', 'slow down', { details: { retryAfterMs } });
  expect(failureOfRun(error, 'ses_1').nextStep).toMatch(`The provider asks to wait ${told}. Wait`);
});

test('an error of the library keeps its code and its exit code; anything else is ours', () => {
  expect(failureOf(new HelixError('state_store_unavailable', 'gone'))).toMatchObject({
    code: 'state_store_unavailable',
    exitCode: 1,
  });
  expect(failureOf(new TypeError('x'))).toMatchObject({ code: 'framework_internal', message: 'x', exitCode: 70 });
});
