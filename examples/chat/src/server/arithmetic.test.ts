// Would catch: a calculator that is wrong about order or brackets, that takes what is no sum, or that does not say what is wrong.
import { expect, it } from 'vitest';
import { calculate } from './arithmetic.ts';

it.each([
  ['1 + 2 * 3', 7],
  ['12 * (7 + 5)', 144],
  ['10 - 4 - 3', 3],
  ['-(2.5 + 1) / 7', -0.5],
])('%s is %d', (expression, result) => {
  expect(calculate(expression)).toEqual({ result });
});

it.each([
  ['', 'A number is missing at the end.'],
  ['1 +', 'A number is missing at the end.'],
  ['(1', 'A bracket is not closed.'],
  ['1 2', '2 was not expected.'],
  ['process.exit()', 'A number is missing at p.'],
  ['1 / 0', 'Division by zero has no result.'],
  ['0 / (1 - 1)', 'Division by zero has no result.'],
  ['9'.repeat(400), 'The result is too large.'],
])('%j has no result, and it is said why', (expression, problem) => {
  expect(calculate(expression)).toEqual({ problem });
});
