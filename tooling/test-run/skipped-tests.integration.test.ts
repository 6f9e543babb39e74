// Would catch: a test that is skipped, or fails, and a CI that is green all the same.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { scratchFolder } from '../scratch-folder.ts';
import { repository } from '../workspaces.ts';

const scratch: string[] = [];

afterEach(() => {
  for (const folder of scratch.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function makeFolder(): string {
  const folder = scratchFolder('suite');
  scratch.push(folder);
  return folder;
}

/** A suite with a test in each tier; one of them may be skipped, or a tier be missing. */
function makeSuite(kind: 'complete' | 'with a skipped test' | 'without a tier'): string {
  const folder = makeFolder();
  const passes = `import { test } from 'vitest';\ntest('passes', () => {});\n`;
  const tiers = kind === 'without a tier' ? ['', '.integration'] : ['', '.integration', '.e2e'];
  for (const tier of tiers) writeFileSync(join(folder, `a${tier}.test.ts`), passes);
  if (kind === 'with a skipped test')
    writeFileSync(join(folder, 'b.test.ts'), `${passes}test.skip('is left for later', () => {});\n`);
  writeFileSync(join(folder, 'vitest.config.ts'), 'export default {};\n');
  return folder;
}

function run(script: string, folder: string, ci: string | undefined) {
  const { CI: _, ...inherited } = process.env;
  const env = { ...inherited, HELIX_TEST_REPORT: join(folder, 'report.json'), ...(ci !== undefined && { CI: ci }) };
  const program = join(repository, 'tooling/test-run', script);
  return spawnSync(process.execPath, ['--conditions=@helix-agents/source', program], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
}

describe('where CI is set', { timeout: 60_000 }, () => {
  it('a complete run passes', () => {
    const folder = makeSuite('complete');
    expect(run('run.ts', folder, 'true').status).toBe(0);
    expect(run('print-summary.ts', folder, 'true')).toMatchObject({
      status: 0,
      stdout: 'tests: 3 passed, 0 failed, 0 skipped\n',
    });
  });

  it('a skipped test fails the run and its summary, and nowhere else', () => {
    const folder = makeSuite('with a skipped test');
    expect(run('run.ts', folder, undefined).status).toBe(0);
    expect(run('run.ts', folder, 'true').status).toBe(1);
    expect(run('print-summary.ts', folder, undefined).status).toBe(0);
    expect(run('print-summary.ts', folder, 'true').status).toBe(1);
  });

  it('a tier of which no test ran fails the run, and is named; nowhere else', () => {
    const folder = makeSuite('without a tier');
    expect(run('run.ts', folder, undefined).status).toBe(0);
    expect(run('run.ts', folder, 'true')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('no e2e test ran'),
    });
  });

  it('a failed test fails the summary', () => {
    const folder = makeFolder();
    const assertionResults = [{ status: 'passed' }, { status: 'failed' }];
    const report = { testResults: [{ name: 'a.test.ts', status: 'failed', assertionResults }] };
    writeFileSync(join(folder, 'report.json'), JSON.stringify(report));
    expect(run('print-summary.ts', folder, 'true').status).toBe(1);
  });
});

describe('the entry of CI', () => {
  const asked = ['true ci', 'true run verify -- --without-tests', 'true test'];
  const summary = 'true run --silent test:summary';

  /** Runs it in a folder of its own, over an npm that only says what it was asked for, with `CI` in front, and may fail at that. */
  function runEntry(failing: string) {
    const folder = makeFolder();
    mkdirSync(join(folder, '.ci'));
    copyFileSync(join(repository, '.ci/run'), join(folder, '.ci/run'));
    const lines = [
      `echo "$CI $*" | tee -a '${join(folder, 'log')}'`,
      `[ "$1" != test ] || { mkdir -p .cache && echo '{}' > .cache/test-report.json; }`,
      `[ "$CI $*" != '${failing}' ]`,
    ];
    writeFileSync(join(folder, 'npm'), `#!/bin/sh\n${lines.join('\n')}\n`);
    chmodSync(join(folder, 'npm'), 0o755);
    const { CI: _, ...env } = process.env;
    const path = [folder, process.env['PATH']].join(delimiter);
    const { status, stdout } = spawnSync(join(folder, '.ci/run'), { env: { ...env, PATH: path }, encoding: 'utf8' });
    return {
      status,
      printed: stdout.trim().split('\n'),
      log: readFileSync(join(folder, 'log'), 'utf8').trim().split('\n'),
    };
  }

  it('installs, verifies and tests with CI set, and closes with the summary of the run', () => {
    const { status, printed, log } = runEntry('nothing');
    expect(status).toBe(0);
    expect(log).toEqual([...asked, summary]);
    expect(printed.at(-1)).toBe(summary);
  });

  it.each([asked[1], asked[2], summary])('fails with `%s`, and does the rest all the same', (failing = '') => {
    const { status, printed, log } = runEntry(failing);
    expect(status).toBe(1);
    expect(log).toEqual([...asked, summary]);
    expect(printed.at(-1)).toBe(summary);
  });

  it('fails where the lockfile cannot be installed, and then checks nothing', () => {
    expect(runEntry('true ci')).toMatchObject({ status: 1, log: ['true ci'] });
  });
});
