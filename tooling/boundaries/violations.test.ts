// Would catch a boundary rule that lets something through: each test breaks one rule in an otherwise sound repository.
import { expect, test } from 'vitest';
import { ambientRules, type Room } from './rooms.ts';
import { sourceFacts } from './source-facts.ts';
import { violations } from './violations.ts';
import type { WorkspaceFacts } from './workspace-facts.ts';

const rooms: Record<string, Room> = {
  'packages/core': { imports: [], neutral: true, floors: ['src/act', 'src/decide'] },
  'packages/store': { imports: ['packages/core'] },
};

const workspace = (folder: string, change: Partial<WorkspaceFacts> = {}): WorkspaceFacts => ({
  folder,
  name: `@ours/${folder.slice(folder.indexOf('/') + 1)}`,
  dependencies: [],
  devDependencies: [],
  references: change.dependencies ?? [],
  types: [],
  sources: [],
  ...change,
});

/** Each room that is not given is there, and sound. */
function check(...given: WorkspaceFacts[]): string[] {
  const others = Object.keys(rooms).filter((folder) => given.every((one) => one.folder !== folder));
  return violations([...given, ...others.map((folder) => workspace(folder))], { rooms, ambientRules });
}

const file = (path: string, code: string) => ({ sources: [sourceFacts(path, code)] });

test('what the table allows is not reported', () => {
  const store = workspace('packages/store', {
    dependencies: ['packages/core'],
    ...file('src/store.ts', `import { a } from '@ours/core/testing'; import pg from 'pg'; import './row.ts';`),
  });
  expect(check(store)).toEqual([]);
});

test('a package without a row is refused', () => {
  expect(check(workspace('packages/other'))).toEqual(['packages/other has no row in tooling/boundaries/rooms.ts']);
  expect(check(workspace('examples/other'))).toEqual([]);
});

test('a row whose package is not there is refused', () => {
  expect(violations([workspace('packages/core')], { rooms, ambientRules })).toEqual([
    'packages/store has a row in tooling/boundaries/rooms.ts and is not there',
  ]);
});

test('a dependency that the table does not allow is refused, used or not', () => {
  const wrong = workspace('packages/core', { dependencies: ['packages/store'] });
  expect(check(wrong)).toContain('packages/core may not depend on packages/store');
});

test('workspaces that depend on each other are a cycle, named once', () => {
  const a = workspace('examples/a', { dependencies: ['examples/b'] });
  const b = workspace('examples/b', { dependencies: ['examples/a'] });
  expect(check(a, b)).toEqual(['cycle: examples/a → examples/b → examples/a']);
});

test('the compiler’s references are exactly the dependencies of ours', () => {
  const store = workspace('packages/store', { dependencies: ['packages/core'], references: ['packages/gone'] });
  expect(check(store)).toEqual([
    'packages/store/tsconfig.json does not reference packages/core, a dependency',
    'packages/store/tsconfig.json references packages/gone, which is no dependency',
  ]);
});

test('an import that the manifest does not declare is refused', () => {
  const store = workspace('packages/store', file('src/store.ts', `const core = await import('@ours/core');`));
  expect(check(store)).toEqual([
    'packages/store/src/store.ts imports packages/core, which its manifest does not declare',
  ]);
});

test('only tests may import a development dependency', () => {
  const dev = { dependencies: [], devDependencies: ['packages/store'] };
  const code = `export { row } from '@ours/store';`;
  const at = (path: string) => check(workspace('packages/core', { ...dev, ...file(path, code) }));
  expect(at('src/core.test.ts')).toEqual([]);
  expect(at('src/core.integration.test.ts')).toEqual([]);
  expect(at('src/core.ts')).toHaveLength(1);
});

test('a relative import stays inside its workspace', () => {
  expect(check(workspace('examples/a', file('src/a.ts', `import '../../b/src/b.ts';`)))).toEqual([
    'examples/a/src/a.ts reaches out of its workspace: ../../b/src/b.ts',
  ]);
});

test('a source imports nothing of a floor above its own', () => {
  const at = (path: string, code: string) => check(workspace('packages/core', file(path, code)));
  expect(at('src/decide/decide.ts', `import type { Act } from '../act/act.ts';`)).toEqual([
    'packages/core/src/decide/decide.ts imports ../act/act.ts: src/act is above src/decide',
  ]);
  expect(at('src/act/act.ts', `import { decide } from '../decide/decide.ts'; import './other.ts';`)).toEqual([]);
  expect(at('src/index.ts', `export { act } from './act/act.ts';`)).toEqual([]);
  expect(at('src/decide/decide.test.ts', `import { act } from '../act/act.ts';`)).toEqual([]);
});

test('a library that asks for Node’s types cannot claim to run anywhere', () => {
  expect(check(workspace('packages/core', { types: ['node'] }))).toHaveLength(1);
});

test.each([
  'process.env.HOME',
  `process['env'].HOME`,
  'const { env } = process',
  `const { 'env': own, ...rest } = process`,
  'let env; ({ env } = process)',
  'globalThis.process.env',
  'process.exit(1)',
  'console.warn(1)',
  `globalThis['console'].warn(1)`,
  'const { warn } = console',
  `import { env } from 'node:process'`,
])('a library may not use %s', (code) => {
  expect(check(workspace('packages/core', file('src/a.ts', code)))).toHaveLength(1);
  expect(check(workspace('packages/core', file('src/cli.ts', code)))).toEqual([]);
  expect(check(workspace('packages/core', file('src/a.test.ts', code)))).toEqual([]);
  expect(
    check(workspace('packages/core', file('src/a.ts', `// ${code}\nexport const text = ${JSON.stringify(code)};`))),
  ).toEqual([]);
});

test.each([
  'Date.now()',
  'new Date()',
  'performance.now()',
  'const { random } = Math',
  'globalThis.crypto.randomUUID()',
  'setTimeout(() => {}, 1)',
  'globalThis.setInterval(() => {}, 1)',
])('what runs a session has its time and its chance from ports: no %s', (code) => {
  expect(check(workspace('packages/core', file('src/loop/a.ts', code)))).toHaveLength(1);
  expect(check(workspace('packages/core', file('src/ports/default-ports.ts', code)))).toEqual([]);
  expect(check(workspace('packages/core', file('src/loop/a.test.ts', code)))).toEqual([]);
  expect(check(workspace('packages/store', file('src/a.ts', code)))).toEqual([]);
});

test('a time that is known, and what is only named like a timer, are no clock', () => {
  const code = 'new Date(0); Math.max(1, 2); clock.setTimeout(1); export type Timer = ReturnType<typeof setTimeout>;';
  expect(check(workspace('packages/core', file('src/a.ts', code)))).toEqual([]);
});

test('a program reads the environment in main.ts or config.ts only', () => {
  const code = `export const url = process.env.URL; console.log(url);`;
  expect(check(workspace('examples/a', file('src/config.ts', code)))).toEqual([]);
  expect(check(workspace('examples/a', file('src/agent.ts', code)))).toHaveLength(1);
});
