// Would catch a check that has stopped checking: each fault below is planted in a scratch copy and has to be refused.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readWorkspaces, repository } from '../workspaces.ts';

const faults: Record<string, string> = {
  'packages/core/src/planted-cycle-a.ts': `import { b } from './planted-cycle-b.ts';\nexport const a = (): number => b();\n`,
  'packages/core/src/planted-cycle-b.ts': `import { a } from './planted-cycle-a.ts';\nexport const b = (): number => a();\n`,
  'packages/core/src/planted-type-a.ts': `import type { B } from './planted-type-b.ts';\nexport interface A { readonly b: B }\n`,
  'packages/core/src/planted-type-b.ts': `import type { A } from './planted-type-a.ts';\nexport interface B { readonly a: A }\n`,
  'packages/core/src/planted-import.ts': `export * from '@helix-agents/store-memory';\n`,
  'packages/core/src/planted-export.ts': `export const plantedUsed = 1;\nexport const plantedUnused = 2;\n`,
  'packages/core/src/planted-promise.test.ts': `import { readFile } from 'node:fs/promises';\nreadFile('/');\n`,
  'packages/core/src/planted-format.ts': `export  const planted = 'one line'\n`,
  'packages/core/src/planted.test.ts': `import { plantedUsed } from './planted-export.ts';\nexport const text: string = plantedUsed;\n`,
};

let scratch = '';
let output = '';
let status: number | null = null;

beforeAll(() => {
  scratch = copyRepository();
  for (const [path, code] of Object.entries(faults)) writeFileSync(join(scratch, path), code);
  dependOn('packages/store-memory', '@helix-agents/sdk');
  const stages = ['format', 'lint', 'boundaries', 'types', 'unused'];
  ({ stdout: output, status } = verify(scratch, stages));
}, 600_000);

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('verify fails with its stages, all of which it tries, and else does not', () => {
  expect(status).toBe(1);
  expect(output).toMatch(/^failed: format, lint, boundaries, types, unused$/m);
  expect(verify(repository, ['boundaries'])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^verified$/m) });
});

test.each(['format', 'lint', 'boundaries', 'types', 'unused'])('the stage %s fails', (stage) => {
  expect(output).toMatch(new RegExp(`^FAILED ${stage}`, 'm'));
});

test('a file that is not formatted is refused', () => {
  expect(output).toMatch(/^FAILED format[^]*?planted-format\.ts[^]*?^FAILED lint/m);
});

test.each(['planted-cycle-a', 'planted-type-a'])('an import cycle is refused, also one of types alone: %s', (name) => {
  expect(output).toMatch(new RegExp(`no-cycle\\)[^]{0,200}?${name}\\.ts`));
});

test('a cycle of packages is refused', () => {
  expect(output).toMatch(/^cycle: .*packages\/store-memory → packages\/sdk/m);
});

test('a forbidden import is refused', () => {
  expect(output).toContain('packages/core/src/planted-import.ts imports packages/store-memory');
});

test('an unused export is refused, and a used one is not', () => {
  expect(output).toMatch(/plantedUnused.*planted-export\.ts/);
  expect(output).not.toMatch(/plantedUsed .*planted-export\.ts/);
});

test('a floating promise is refused, in a test file as well', () => {
  expect(output).toMatch(/no-floating-promises[^]*?planted-promise\.test\.ts/);
});

test('a type error in a test file is refused', () => {
  expect(output).toMatch(/planted\.test\.ts.*TS2322/);
});

function verify(folder: string, names: readonly string[]) {
  return spawnSync(process.execPath, ['tooling/verify/verify.ts', ...names], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: [join(folder, 'node_modules/.bin'), process.env['PATH']].join(delimiter) },
    maxBuffer: Infinity,
  });
}

/** The sources are copied; what is installed is linked, except that our own packages are those of the copy. */
function copyRepository(): string {
  const folder = mkdtempSync(join(tmpdir(), 'helix-planted-'));
  const left = new Set(['node_modules', 'dist', '.git', '.cache']);
  cpSync(repository, folder, {
    recursive: true,
    filter: (path) => !left.has(basename(path)) && !path.endsWith('.tsbuildinfo'),
  });
  linkInstalled(join(repository, 'node_modules'), join(folder, 'node_modules'));
  for (const { folder: workspace, manifest } of readWorkspaces(repository)) {
    const link = join(folder, 'node_modules', manifest.name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(folder, workspace), link);
    linkInstalled(join(repository, workspace, 'node_modules'), join(folder, workspace, 'node_modules'));
  }
  return folder;
}

function linkInstalled(from: string, to: string): void {
  if (!existsSync(from)) return;
  mkdirSync(to);
  const installed = readdirSync(from).filter((name) => name !== '@helix-agents');
  for (const name of installed) symlinkSync(join(from, name), join(to, name));
}

function dependOn(workspace: string, name: string): void {
  const path = join(scratch, workspace, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { dependencies?: Record<string, string> };
  writeFileSync(path, JSON.stringify({ ...manifest, dependencies: { ...manifest.dependencies, [name]: '0.1.0' } }));
}
