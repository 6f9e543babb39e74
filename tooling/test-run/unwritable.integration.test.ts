// Would catch: a stack out of somebody else's code where the checkout may not be written to, and no word on what to do.
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../scratch-folder.ts';

test('a run that can write no report says so in one line, with the next step, and begins nothing', () => {
  const folder = scratchFolder('unwritable');
  // Nobody can write below a file, not even root below one of its own.
  writeFileSync(join(folder, 'file'), '');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=@helix-agents/source', join(import.meta.dirname, 'run.ts')],
    { cwd: folder, env: { ...process.env, HELIX_TEST_REPORT: join(folder, 'file/report.json') }, encoding: 'utf8' },
  );
  rmSync(folder, { recursive: true });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(
    /^the tests cannot write to \S+file \(\w+\)\. Next: run them in a copy that is yours to write to\n$/,
  );
});
