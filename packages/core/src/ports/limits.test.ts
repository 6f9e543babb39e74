// Would catch: a limit that has another default than the documents say, so that a call is refused, or a stop late, for no reason.
import { expect, it } from 'vitest';
import { maxNesting } from '../values/nesting.ts';
import { defaultLimits, takeoverGraceMs } from './limits.ts';

it('limits have the defaults that are documented', () => {
  expect(defaultLimits).toEqual({
    maxResultBytes: 1_048_576,
    maxArgumentsBytes: 262_144,
    maxCallsPerStep: 64,
    maxMessageBytes: 1_048_576,
    leaseMs: 30_000,
    renewMs: 10_000,
    leaseMarginMs: 5_000,
    maxBodies: 3,
    stopGraceMs: 2_000,
    drainMs: 5_000,
    backoffMs: 1_000,
    maxBackoffMs: 30_000,
    maxRetryAfterMs: 900_000,
  });
  expect({ maxNesting, takeoverGraceMs }).toEqual({ maxNesting: 400, takeoverGraceMs: 10_000 });
});
