/** Catches: a run that does not say what it did, a seed that cannot be replayed from the command line, a broken rule that is green. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { decisionKinds } from './decision-kinds.ts';
import { faultKinds } from './faults.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

function simulate(...args: string[]) {
  return run(main, args);
}

function run(program: string, args: readonly string[]) {
  return spawnSync(process.execPath, ['--conditions=@helix-agents/source', program, ...args], { encoding: 'utf8' });
}

it('tells the runs a second, and how often each decision met each fault', () => {
  const { status, stdout } = simulate('--seeds', '60');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^60 runs, \d+ events, \d+ runs\/s on 2 threads; 0 broken$/m);
  // At least once in each world.
  expect(stdout).toMatch(/^entry +([6-9]\d|\d{3,}) /m);
  for (const fault of faultKinds) expect(stdout).toMatch(new RegExp(`^  [a-z]  ${fault}: \\d+$`, 'm'));
  for (const kind of decisionKinds) {
    const row = stdout.split('\n').find((line) => line.startsWith(`${kind} `)) ?? '';
    // How often it was decided, then one column for each fault.
    expect(row.slice(kind.length).trim().split(/\s+/)).toHaveLength(1 + faultKinds.length);
  }
});

it('replays one seed exactly, event by event', () => {
  const [one, again, other] = ['42', '42', '43'].map((seed) => simulate('--seed', seed));
  expect(one?.stdout.split('\n').length).toBeGreaterThan(20);
  expect(one).toMatchObject({ status: 0, stdout: expect.stringMatching(/seed 42: no rule was broken\n$/) });
  expect(again?.stdout).toBe(one?.stdout);
  expect(other?.stdout).not.toBe(one?.stdout);
});

it('refuses a count that is none, and without one says how it is used', () => {
  expect(simulate('--seeds', 'many')).toMatchObject({ status: 1, stderr: expect.stringContaining('--seeds must be') });
  expect(simulate()).toMatchObject({ status: 2, stdout: expect.stringContaining('npm run simulate') });
});

describe('a program whose worlds', () => {
  /** The program in a copy, in which one source stands for what worlds come to. */
  function simulateOver(source: string, code: string, ...args: string[]) {
    const scratch = mkdtempSync(join(tmpdir(), 'helix-simulation-'));
    onTestFinished(() => rmSync(scratch, { recursive: true, force: true }));
    cpSync(join(main, '../..'), join(scratch, 'src'), { recursive: true });
    symlinkSync(join(main, '../../../../../node_modules'), join(scratch, 'node_modules'));
    writeFileSync(join(scratch, 'src/simulation', source), code);
    return run(join(scratch, 'src/simulation/main.ts'), args);
  }

  /** What each of the two threads reports. */
  const reports = (runs: number, broken: readonly object[]) => {
    const report = { runs, events: 0, broken, coverage: { decisions: {}, faults: {}, pairs: {} } };
    return `export const runSeeds = async () => (${JSON.stringify(report)});`;
  };
  const violation = { rule: 'S4', message: 'a call has two results' };

  it('break a rule fails, and says which to replay', () => {
    const code = reports(1, [{ seed: 7, ...violation }]);
    const { status, stdout } = simulateOver('run-seeds.ts', code, '--seeds', '2');
    expect(status).toBe(1);
    expect(stdout).toContain('seed 7 breaks S4: a call has two results');
    expect(stdout).toMatch(/2 broken\nreplay one: npm run simulate -- --seed 7\n$/);
  });

  it('are many, and never met a fault, fails and names it', () => {
    const { status, stdout } = simulateOver('run-seeds.ts', reports(10_000, []), '--seeds', '20000');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^kinds never reached: .*crash/m);
    expect(stdout).toMatch(/^pairs never reached: .*dispatch × crash/m);
  });

  it('break a rule fails a replay, and tells the rule', () => {
    const code = `export const runWorld = async () => (${JSON.stringify({ violation })});`;
    const { status, stdout } = simulateOver('run-worlds.ts', `${code} export const runWorlds = null;`, '--seed', '7');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^seed 7 breaks S4: a call has two results\nS4: \S/m);
  });
});
