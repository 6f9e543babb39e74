/** Catches: a run that does not say what it did, a seed that cannot be replayed from the command line. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { decisionKinds } from './decision-kinds.ts';
import { faultKinds } from './faults.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

function simulate(...args: string[]) {
  return spawnSync(process.execPath, ['--conditions=@helix-agents/source', main, ...args], { encoding: 'utf8' });
}

it('tells the runs a second, and how often each decision met each fault', () => {
  const { status, stdout } = simulate('--seeds', '60');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^60 runs, \d+ events, \d+ runs\/s on 2 threads; 0 broken$/m);
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
