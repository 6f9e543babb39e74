// Would catch: a check of the documents that has stopped checking. Each fault below stands in a README of its own, and has to be refused.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { repository } from '../workspaces.ts';

const scratch: string[] = [];

afterEach(() => {
  for (const folder of scratch.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const block = (code: string, info = 'ts') => `\`\`\`${info}\n${code}\n\`\`\`\n`;
const prints = (text: string) => `\nIt prints:\n\n${block(text, 'text')}`;

/** Checks a repository whose only document is this one. */
function check(text: string, document = 'README.md') {
  const folder = mkdtempSync(join(tmpdir(), 'helix-documents-'));
  scratch.push(folder);
  for (const path of ['tooling/docs', 'tooling/workspaces.ts', 'tooling/scratch-folder.ts', 'package.json'])
    cpSync(join(repository, path), join(folder, path), { recursive: true });
  for (const path of ['tsconfig.base.json', 'tsconfig.tests.json']) cpSync(join(repository, path), join(folder, path));
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
  mkdirSync(join(folder, dirname(document)), { recursive: true });
  writeFileSync(join(folder, document), text);
  const path = [join(repository, 'node_modules/.bin'), process.env['PATH']].join(delimiter);
  return spawnSync(process.execPath, ['tooling/docs/check.ts'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
  });
}

test('samples that run, and print what they are said to print, pass', () => {
  const shown = block('const browser: unknown = document;', 'ts no-run reason="needs a browser"');
  const readme = `${block('console.log(6 * 7);')}${prints('42')}\n${shown}\n[Itself](README.md)\n`;
  expect(check(readme)).toMatchObject({ status: 0, stdout: '2 samples, 0 problems\n' });
});

test.each<[string, string, RegExp]>([
  ['does not run', block(`throw new Error('broken');`), /^README\.md:2 does not run:[^]*broken/m],
  ['prints something else', block('console.log(43);') + prints('42'), /^README\.md:2 prints something else .*\n43$/m],
  ['is of a wrong type', block('export const text: string = 42;'), /TS2322/],
  [
    'is of a wrong type where it is not run',
    block('export const text: string = 42;', 'ts no-run reason="slow"'),
    /TS2322/,
  ],
  ['is not run, and does not say why', block('export {};', 'ts no-run'), /^README\.md:2: a block .* gives its reason/m],
])('a sample that %s is refused, by its place', (_, readme, problem) => {
  expect(check(readme)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(problem),
    stdout: '1 samples, 1 problems\n',
  });
});

test.each(['README.md', 'packages/core/README.md', 'docs/guide/first-agent.md'])(
  'the samples of %s are among those that run',
  (document) => {
    const { status, stderr } = check(block(`throw new Error('broken');`), document);
    expect(status).toBe(1);
    expect(stderr).toContain(`${document}:2 does not run:`);
  },
);

test('a link to what is not there is refused, and so are documents without a sample', () => {
  const lost = check(`${block('export {};')}\n[Gone](docs/gone.md)\n`);
  expect(lost).toMatchObject({ status: 1, stderr: 'README.md links to docs/gone.md, which is not there\n' });
  expect(check('Nothing to run.\n').status).toBe(1);
});
