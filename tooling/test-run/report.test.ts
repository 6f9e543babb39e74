// Would catch a run that looks complete although a file did not load, a test was skipped or a tier was never started.
import { expect, test } from 'vitest';
import { formatSummary, gaps, summarize } from './report.ts';

const file = (name: string, statuses: string[], status = 'passed') => ({
  name: `/repository/packages/core/src/${name}`,
  status,
  assertionResults: statuses.map((each) => ({ status: each })),
});
const everyTier = [
  file('a.test.ts', ['passed', 'passed']),
  file('a.integration.test.ts', ['passed']),
  file('a.e2e.test.tsx', ['passed']),
];

test('a complete run has no gaps', () => {
  const summary = summarize({ testResults: everyTier });
  expect(formatSummary(summary)).toBe('tests: 4 passed, 0 failed, 0 skipped');
  expect(gaps(summary)).toEqual([]);
});

test('a file that could not be loaded is a failure', () => {
  const summary = summarize({ testResults: [...everyTier, file('b.test.ts', [], 'failed')] });
  expect(formatSummary(summary)).toBe('tests: 4 passed, 1 failed, 0 skipped');
});

test('whatever neither passed nor failed was skipped', () => {
  const summary = summarize({
    testResults: [...everyTier, file('b.test.ts', ['skipped', 'todo', 'pending', 'failed'], 'failed')],
  });
  expect(formatSummary(summary)).toBe('tests: 4 passed, 1 failed, 3 skipped');
  expect(gaps(summary)).toHaveLength(1);
});

test('a tier in which nothing ran is a gap', () => {
  const summary = summarize({
    testResults: [file('a.test.ts', ['passed']), file('a.e2e.test.ts', ['failed'], 'failed')],
  });
  expect(summary.emptyTiers).toEqual(['integration']);
  expect(gaps(summary)).toEqual(['no integration test ran: the whole suite has every tier']);
  expect(summarize({ testResults: [file('a.e2e.test.ts', ['skipped'])] }).emptyTiers).toHaveLength(3);
});
