// Would catch: a check of what runs on any platform, and of what an import costs, that has stopped checking.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { repository } from '../workspaces.ts';
import { budgets } from './budgets.ts';

const scratch: string[] = [];

afterEach(() => {
  for (const folder of scratch.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const budget = { code: `export { defineAgent } from '@helix-agents/core';`, maxBytes: 6_000 };

/** Checks a repository whose only package is this core, of which one import has a budget. */
function check(files: Readonly<Record<string, string>>, folderName = 'core') {
  const folder = mkdtempSync(join(tmpdir(), 'helix-platforms-'));
  scratch.push(folder);
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const path of ['tooling/platforms', 'tooling/boundaries/rooms.ts', 'tooling/workspaces.ts'])
    cpSync(join(repository, path), join(folder, path), { recursive: true });
  write('tooling/platforms/budgets.ts', `export const budgets = ${JSON.stringify([budget])};\n`);
  write('package.json', JSON.stringify({ type: 'module', workspaces: ['packages/*'] }));
  const entries = Object.keys(files).map((path) => [path === 'index.js' ? '.' : `./${path.replace('.js', '')}`, path]);
  const exports = Object.fromEntries(entries.map(([name, path]) => [name, { default: `./dist/${path}` }]));
  const manifest = { name: '@helix-agents/core', version: '0.1.0', type: 'module', exports };
  write(`packages/${folderName}/package.json`, JSON.stringify(manifest));
  for (const [path, code] of Object.entries(files)) write(`packages/${folderName}/dist/${path}`, code);
  mkdirSync(join(folder, 'node_modules/@helix-agents'), { recursive: true });
  symlinkSync(join(repository, 'node_modules/esbuild'), join(folder, 'node_modules/esbuild'));
  symlinkSync(join(folder, 'packages', folderName), join(folder, 'node_modules/@helix-agents/core'));
  return spawnSync(process.execPath, ['tooling/platforms/check.ts'], { cwd: folder, encoding: 'utf8' });
}

const small = 'export const defineAgent = (config) => config;\n';

test('a package that runs anywhere, and costs what it may, passes', () => {
  expect(check({ 'index.js': small, 'testing.js': 'export const clock = 0;\n' })).toMatchObject({
    status: 0,
    stderr: '',
    stdout: expect.stringMatching(/^\d+ of \d+ bytes: /),
  });
});

test('what only Node has is refused, in each of the entries', () => {
  const needsNode = `export { readFileSync } from 'node:fs';\n`;
  expect(check({ 'index.js': small, 'testing.js': needsNode })).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^@helix-agents\/core: .*"node:fs".*dist\/testing\.js:1\)\n$/),
  });
});

test('an import that costs more than its budget is refused', () => {
  // Chance cannot be packed.
  const text = Array.from({ length: 20_000 }, (_, index) => Math.imul(index, 2_654_435_761).toString(36)).join('');
  const large = check({ 'index.js': `${small}export default '${text}';\ndefineAgent.text = '${text}';\n` });
  expect(large).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(new RegExp(`^too large, \\d{5,} of ${budget.maxBytes} bytes: .*defineAgent`)),
  });
});

test('where no package is promised to run anywhere, nothing was checked', () => {
  expect(check({ 'index.js': small }, 'other').status).toBe(1);
});

test('the import of defineAgent has a budget', () => {
  expect(budgets.map(({ code }) => code)).toContain(budget.code);
});
