// Would catch: two statements whose names differ where Postgres no longer looks, so that one runs as the other.
import { expect, test } from 'vitest';
import { appendThoseThatFit } from '../sessions/sql/append-commits.ts';
import { tablesOf } from './tables.ts';

test('with the longest schema, the longest name of a statement fits', () => {
  const { name } = appendThoseThatFit(tablesOf('s'.repeat(35)), 64);
  // The port adds a character.
  expect(name.length + 1).toBeLessThanOrEqual(63);
});

test('a longer schema is refused', () => {
  expect(() => tablesOf('s'.repeat(36))).toThrow(expect.objectContaining({ code: 'input_invalid' }));
});
