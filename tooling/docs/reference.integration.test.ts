// Would catch: a reference that says something else than the doc comments, or nothing of a public name, and a check that lets it pass.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { repository } from '../workspaces.ts';

const scratch: string[] = [];

afterEach(() => {
  for (const folder of scratch.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const documented = '/** What everything comes to. */\nexport declare const answer: number;\n';

/** A repository with one package, whose public names are declared so. */
function makeRepository(declarations: string) {
  const folder = mkdtempSync(join(tmpdir(), 'helix-reference-'));
  scratch.push(folder);
  for (const path of ['tooling/docs', 'tooling/workspaces.ts'])
    cpSync(join(repository, path), join(folder, path), { recursive: true });
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', workspaces: ['packages/*'] }));
  mkdirSync(join(folder, 'packages/library/dist'), { recursive: true });
  const manifest = { name: '@planted/library', version: '1.0.0', exports: { '.': { types: './dist/index.d.ts' } } };
  writeFileSync(join(folder, 'packages/library/package.json'), JSON.stringify(manifest));
  const declare = (text: string) => writeFileSync(join(folder, 'packages/library/dist/index.d.ts'), text);
  declare(declarations);
  const run = (...args: string[]) => {
    const program = ['--conditions=@helix-agents/source', 'tooling/docs/reference.ts', ...args];
    return spawnSync(process.execPath, program, { cwd: folder, encoding: 'utf8' });
  };
  return { declare, run, page: join(folder, 'docs/reference/library.md') };
}

test('a page is made of doc comments, and refused once it says something else than they do', () => {
  const { declare, run, page } = makeRepository(documented);
  expect(run('--check')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('docs/reference/library.md is stale: run npm run docs:reference'),
  });
  expect(run().status).toBe(0);
  expect(readFileSync(page, 'utf8')).toContain('What everything comes to.');
  expect(run('--check')).toMatchObject({ status: 0, stderr: '' });
  declare(documented.replace('comes to', 'is'));
  expect(run('--check')).toMatchObject({ status: 1, stderr: expect.stringContaining('library.md is stale') });
});

test('a public name without a doc comment is refused, also where pages are written', () => {
  const { run } = makeRepository('export declare const answer: number;\n');
  expect(run()).toMatchObject({ status: 1, stderr: expect.stringContaining('answer') });
});
