// Would catch: a calculator that is wrong about order or brackets, or that takes what is no sum.
import { expect, it } from 'vitest';
import { calculate } from './arithmetic.ts';

it.each([
  ['1 + 2 * 3', 7],
  ['12 * (7 + 5)', 144],
  ['10 - 4 - 3', 3],
  ['-(2.5 + 1) / 7', -0.5],
])('%s is %d', (expression, value) => {
  expect(calculate(expression)).toBe(value);
});

it.each(['', '1 +', '(1', '1 2', 'process.exit()', '1 / 0'])('%j is refused', (expression) => {
  expect(() => calculate(expression)).toThrow(RangeError);
});
