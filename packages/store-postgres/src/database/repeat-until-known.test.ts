// Would catch: an unknown outcome of which nobody can say what stood in the way.
import { HelixError } from '@helix-agents/core';
import { expect, it } from 'vitest';
import { repeatUntilKnown } from './repeat-until-known.ts';

/** A clock that only sleeping moves. */
function sleepingClock() {
  let now = 0;
  const sleep = async (ms: number) => void (now += ms);
  return { now: () => now, monotonic: () => now, sleep, after: () => () => {} };
}

const repeated = (attempt: () => Promise<string | null>) =>
  repeatUntilKnown<unknown>(
    { clock: sleepingClock(), commitTimeoutMs: 1_000 },
    { attempt, explain: async () => undefined, unknown: (cause) => cause },
  );

it('what had no effect until its time was up, and for no reason, is unknown with a cause', async () => {
  const cause = await repeated(async () => null);
  expect(cause).toBeInstanceOf(HelixError);
  expect(cause).toMatchObject({ code: 'state_store_unavailable', retryable: true });
});

it('the cause is what failed last, where something did', async () => {
  const failure = Object.assign(new Error('gone'), { code: '57P01' });
  expect(await repeated(() => Promise.reject(failure))).toBe(failure);
});
