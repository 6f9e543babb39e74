// Would catch: conversations of one title that look the same although they are of different days.
import { expect, it } from 'vitest';
import { shortWhen } from './short-when.ts';

const now = new Date(2026, 10, 22, 15, 30).getTime();

it.each([
  ['of today has its time', new Date(2026, 10, 22, 9, 5), /^0?9:05/],
  ['of another day has that', new Date(2026, 10, 21, 15, 30), /^(21 Nov|Nov 21)$/],
  ['of another year has that, too', new Date(2025, 10, 22, 15, 30), /^(22 Nov|Nov 22),? 2025$/],
])('what was %s', (_, at, shown) => {
  expect(shortWhen(at.getTime(), now)).toMatch(shown);
});
