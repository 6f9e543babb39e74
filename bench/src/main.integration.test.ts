// Would catch: a comparison that finds something, says so, and lets the release pass.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'helix-bench-'));

beforeAll(() => {
  mkdirSync(join(scratch, 'bench'));
  cpSync(join(repository, 'bench/src'), join(scratch, 'bench/src'), { recursive: true });
  cpSync(join(repository, 'bench/package.json'), join(scratch, 'bench/package.json'));
  symlinkSync(join(repository, 'node_modules'), join(scratch, 'node_modules'));
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const time = (median: number) => ({
  name: 'time',
  median,
  min: median,
  max: median,
  unit: 'times',
  target: { atMost: 1.5 },
});

/** Runs the program over one benchmark that comes to this, beside a baseline of 1. */
function bench(median: number, ...args: string[]) {
  const only = `{ name: 'loop', target: 'is quick', run: async () => [${JSON.stringify(time(median))}] }`;
  writeFileSync(join(scratch, 'bench/src/all-benchmarks.ts'), `export const allBenchmarks = [${only}];\n`);
  writeFileSync(join(scratch, 'bench/baseline.json'), JSON.stringify({ figures: { loop: [time(1)] } }));
  const program = join(scratch, 'bench/src/main.ts');
  const options = ['--conditions=@helix-agents/source', program, '--quick', ...args];
  return spawnSync(process.execPath, options, { encoding: 'utf8' });
}

it.each([
  ['a target that is missed', 1.6, 'loop: time: 1.600 misses the target ≤ 1.5'],
  ['a ratio that is more than a tenth over the baseline', 1.2, "is 20 % worse than the baseline's 1.000"],
])('--compare ends with 1 for %s, and says which', (_, median, problem) => {
  expect(bench(median, '--compare')).toMatchObject({ status: 1, stderr: expect.stringContaining(problem) });
});

it('--compare ends with 0 where all is kept, and without it nothing is judged', () => {
  expect(bench(1.05, '--compare')).toMatchObject({ status: 0, stderr: '' });
  expect(bench(1.6)).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('(missed)') });
});
