import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repository } from '../workspaces.ts';

/** Where the last run left Vitest's own report. */
export const reportFile = process.env['HELIX_TEST_REPORT'] ?? join(repository, '.cache/test-report.json');

/** The part of Vitest's JSON report that is read here. */
export interface VitestReport {
  testResults: { name: string; status: string; assertionResults: { status: string }[] }[];
}

export interface Summary {
  passed: number;
  failed: number;
  skipped: number;
  /** Tiers of which no test ran. */
  emptyTiers: string[];
}

const tiers = [
  { name: 'e2e', files: /\.e2e\.test\.tsx?$/ },
  { name: 'integration', files: /\.integration\.test\.tsx?$/ },
  { name: 'unit', files: /(?<!\.e2e|\.integration)\.test\.tsx?$/ },
];

/** Forgets the last run. Throws where the next one could write no report: then most tests can write nothing either. */
export function makeRoomForReport(): void {
  mkdirSync(dirname(reportFile), { recursive: true });
  writeFileSync(reportFile, '');
  rmSync(reportFile);
}

/** `undefined` when there is no report: the run ended before it could be written. */
export function readSummary(): Summary | undefined {
  return existsSync(reportFile) ? summarize(JSON.parse(readFileSync(reportFile, 'utf8')) as VitestReport) : undefined;
}

/** A file that failed without a failed test, as when it cannot be loaded, counts as one failure. */
export function summarize({ testResults: files }: VitestReport): Summary {
  const statuses = files.flatMap((file) => file.assertionResults.map((test) => test.status));
  const count = (status: string) => statuses.filter((each) => each === status).length;
  const unloadable = files.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  );
  const [passed, failed] = [count('passed'), count('failed')];
  const ran = files.filter((file) =>
    file.assertionResults.some(({ status }) => status === 'passed' || status === 'failed'),
  );
  return {
    passed,
    failed: failed + unloadable.length,
    skipped: statuses.length - passed - failed,
    emptyTiers: tiers.filter((tier) => !ran.some((file) => tier.files.test(file.name))).map((tier) => tier.name),
  };
}

/** What keeps a run of the whole suite from counting as one. */
export function gaps({ skipped, emptyTiers }: Summary): string[] {
  return [
    ...(skipped > 0 ? [`${skipped} tests were skipped: the whole suite runs, or it does not count`] : []),
    ...emptyTiers.map((tier) => `no ${tier} test ran: the whole suite has every tier`),
  ];
}

/** Whether all that was to run ran, and passed. */
export function isClean({ failed, skipped }: Summary): boolean {
  return failed === 0 && skipped === 0;
}

export function formatSummary({ passed, failed, skipped }: Summary): string {
  return `tests: ${passed} passed, ${failed} failed, ${skipped} skipped`;
}
