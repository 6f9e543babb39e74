// Would catch a package whose entries each have a copy of what they share, and what an earlier build left being published.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundlePackage } from './bundle-package.ts';

const entry = (name: string) => ({ '@helix-agents/source': `./src/${name}.ts`, default: `./dist/${name}.js` });
const files: Record<string, string> = {
  'package.json': '{ "type": "module", "sideEffects": false }',
  'src/index.ts': `export { Shared } from './parts/shared.ts';\nexport { readFile } from 'node:fs/promises';\n`,
  'src/node/index.ts': `export { Shared as Same } from '../parts/shared.ts';\n`,
  'src/parts/shared.ts': `export class Shared { static made = new Shared(); fault() { throw new Error('as planned'); } }\n`,
  'src/watch-main.ts': `import { Shared } from './parts/shared.ts';\nconsole.log(Shared.name);\n`,
  'dist/left-behind.js': 'export {};',
  'dist/index.d.ts': 'export {};',
};

let root = '';
const path = (file: string) => join(root, 'packages/a', file);

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'helix-bundle-'));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(path(file)), { recursive: true });
    writeFileSync(path(file), text);
  }
  const exports = { '.': entry('index'), './node': entry('node/index') };
  await bundlePackage(root, { folder: 'packages/a', manifest: { name: 'a', version: '1.0.0', exports } });
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

test('an entry is one file, and one more holds what the entries share', () => {
  const written = readdirSync(path('dist'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.js'),
  );
  expect(written.map((file) => file.replace(/-[^-]{8}\./, '-hash.')).toSorted()).toEqual([
    'index.js',
    'node/index.js',
    'shared-hash.js',
    'watch-main.js',
  ]);
});

test('entries share one class, under its own name', async () => {
  const load = (file: string) => import(pathToFileURL(path(file)).href) as Promise<Record<string, unknown>>;
  const [{ Shared }, { Same }] = await Promise.all([load('dist/index.js'), load('dist/node/index.js')]);
  expect(Shared).toBe(Same);
  expect((Shared as { name: string }).name).toBe('Shared');
});

test('what comes from elsewhere stays an import', () => {
  expect(readFileSync(path('dist/index.js'), 'utf8')).toContain('"node:fs/promises"');
});

test('maps carry the sources, and declarations stay', () => {
  const [shared] = readdirSync(path('dist')).filter((file) => /^shared-.*\.map$/.test(file));
  const map = JSON.parse(readFileSync(path(`dist/${shared}`), 'utf8')) as {
    sources: string[];
    sourcesContent: string[];
  };
  expect(map.sources).toEqual(['../src/parts/shared.ts']);
  expect(map.sourcesContent).toEqual([files['src/parts/shared.ts']]);
  expect(readdirSync(path('dist'))).toContain('index.d.ts');
});
