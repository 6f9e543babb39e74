/** Catches: a simulation that finds something, or cannot find it any more, and is green. */
import { expect, it } from 'vitest';
import { exitCodeOf } from './exit-code.ts';

it.each([
  ['no rule was broken', { broken: 0, runs: 20_000, lacks: [] }, 0],
  ['one world broke a rule', { broken: 1, runs: 20_000, lacks: [] }, 1],
  ['one world of few broke a rule', { broken: 1, runs: 10, lacks: ['crash'] }, 1],
  ['many worlds never met a fault', { broken: 0, runs: 20_000, lacks: ['crash'] }, 1],
  ['few worlds did not meet every fault', { broken: 0, runs: 19_999, lacks: ['crash'] }, 0],
])('%s: %j ends with %i', (_, outcome, code) => {
  expect(exitCodeOf(outcome)).toBe(code);
});
