// Would catch: a look at what is published that has stopped looking. Each fault below stands in a package of its own, and has to be told.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { repository } from '../workspaces.ts';
import { packAll, tarballProblems } from './tarballs.ts';

const scratch: string[] = [];

beforeEach(() => {
  vi.stubEnv('PATH', [join(repository, 'node_modules/.bin'), process.env['PATH']].join(delimiter));
});

afterEach(() => {
  vi.unstubAllEnvs();
  for (const folder of scratch.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const manifest = {
  name: '@planted/library',
  version: '1.0.0',
  license: 'MIT',
  type: 'module',
  files: ['dist'],
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
};
const sources = {
  'dist/index.js': 'export const answer = 42;\n',
  'dist/index.d.ts': 'export declare const answer: number;\n',
};

/** Packs the only package of a repository. */
function pack(change: object = {}, files: Readonly<Record<string, string>> = sources) {
  const root = mkdtempSync(join(tmpdir(), 'helix-tarballs-'));
  scratch.push(root);
  const write = (path: string, text: string) => {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write('package.json', JSON.stringify({ name: 'planted', private: true, workspaces: ['packages/*'] }));
  write('LICENSE', 'MIT\n');
  write('packages/library/package.json', JSON.stringify({ ...manifest, ...change }));
  for (const [path, text] of Object.entries(files)) write(`packages/library/${path}`, text);
  const [tarball, ...others] = packAll(root, root);
  if (!tarball || others.length > 0) throw new Error('one package makes one tarball');
  return tarball;
}

test('a sound package has the licence of the repository, and no problem', () => {
  const tarball = pack();
  expect(tarball.files.toSorted()).toEqual(['LICENSE', 'dist/index.d.ts', 'dist/index.js', 'package.json']);
  expect(tarballProblems(tarball)).toEqual([]);
});

test('what is for us alone is not published, and what is for everybody is', () => {
  const tarball = pack({}, { ...sources, 'dist/index.test.js': '', 'dist/.tsbuildinfo': '' });
  expect(tarballProblems(tarball)).toEqual([
    '@planted/library would publish dist/.tsbuildinfo',
    '@planted/library would publish dist/index.test.js',
  ]);
  const files = tarball.files.filter((path) => path === 'package.json');
  expect(tarballProblems({ ...tarball, files })).toEqual([
    '@planted/library has no LICENSE',
    '@planted/library has no dist/index.js: build first',
  ]);
});

test('a manifest that points at nothing is refused by publint', () => {
  expect(tarballProblems(pack({ main: './dist/gone.js' }))).toEqual([expect.stringContaining('dist/gone.js')]);
});

test('types of another kind of module than the code are refused by attw', () => {
  const exports = { '.': { types: './dist/index.d.cts', default: './dist/index.js' } };
  const files = { 'dist/index.js': sources['dist/index.js'], 'dist/index.d.cts': sources['dist/index.d.ts'] };
  expect(tarballProblems(pack({ exports }, files))).toContainEqual(expect.stringMatching(/CJS/));
});
