// Would catch: a folder that hangs the program, and a file or folder that is left out without a word.
import { execFileSync } from 'node:child_process';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFolder } from './folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'helix-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...names: string[]) => join(folder, ...names);
const makeFifo = (path: string) => execFileSync('sh', ['-c', 'mkfifo "$0"', path]);
const tryTo = (write: () => void): boolean => {
  try {
    write();
    return true;
  } catch {
    return false;
  }
};
const oddity = 'is neither a folder nor a text file';

test('what is neither a folder nor a file is refused at once', async () => {
  makeFifo(at('fifo'));
  await expect(openFolder(at('fifo'))).rejects.toThrow(oddity);
  await expect(openFolder('/dev/zero')).rejects.toThrow(oddity);
});

test('odd files and links of a folder are left out, each with its reason', async () => {
  writeFileSync(at('a.md'), 'Text.');
  makeFifo(at('fifo'));
  symlinkSync(at('a.md'), at('link.md'));
  symlinkSync(folder, at('round'));
  const { documents, skipped } = await openFolder(folder);
  expect(documents.map(({ path }) => path)).toEqual(['a.md']);
  expect(skipped).toEqual([
    { path: 'fifo', reason: `it ${oddity}` },
    { path: 'link.md', reason: 'it is a link, which is not followed' },
    { path: 'round', reason: 'it is a link, which is not followed' },
  ]);
});

test('hidden files, and folders that programs fill, hold no documents of anybody', async () => {
  for (const name of ['.git', 'node_modules', 'dist', 'coverage', 'notes']) {
    mkdirSync(at(name));
    writeFileSync(at(name, 'a.md'), 'Text.');
  }
  writeFileSync(at('.draft.md'), 'Text.');
  const { documents, skipped } = await openFolder(folder);
  expect(documents.map(({ path }) => path)).toEqual(['notes/a.md']);
  expect(skipped).toEqual([]);
});

test('documents come in the order of their names, in lines without what ends them; an empty file is left out', async () => {
  mkdirSync(at('a'));
  writeFileSync(at('b.md'), 'One.\r\nTwo.\nThree.');
  writeFileSync(at('a', 'z.md'), 'Text.');
  writeFileSync(at('c.md'), ' \n');
  const { documents, skipped } = await openFolder(folder);
  expect(documents).toEqual([
    { path: 'a/z.md', lines: ['Text.'] },
    { path: 'b.md', lines: ['One.', 'Two.', 'Three.'] },
  ]);
  expect(skipped).toEqual([{ path: 'c.md', reason: 'it is empty' }]);
});

test('a file whose name is not UTF-8 is left out for that', async () => {
  writeFileSync(at('a.md'), 'Text.');
  const path = Buffer.concat([Buffer.from(at('caf')), Buffer.from([0xe9])]);
  // Some systems have no such names.
  if (!tryTo(() => writeFileSync(path, 'Text.'))) return;
  expect((await openFolder(folder)).skipped).toEqual([{ path: 'caf\uFFFD', reason: 'its name is not UTF-8' }]);
});

test('a folder of links is not called empty', async () => {
  symlinkSync('/etc/hosts', at('hosts'));
  await expect(openFolder(folder)).rejects.toThrow('hosts: it is a link, which is not followed');
});

test('a folder that cannot be read is left out, and told', async () => {
  // Not by its rights, which do not bind root: its path gets longer than a path may be.
  const half = Array.from({ length: 13 }, () => 'x'.repeat(200));
  mkdirSync(at('upper', ...half), { recursive: true });
  mkdirSync(at('lower', ...half), { recursive: true });
  const moved = at('upper', ...half, 'lower');
  writeFileSync(at('a.md'), 'Text.');
  renameSync(at('lower'), moved);
  const { skipped } = await openFolder(folder);
  renameSync(moved, at('lower'));
  expect(skipped).toMatchObject([{ reason: 'it cannot be read (ENAMETOOLONG)' }]);
  expect(skipped[0]?.path).toMatch(/^upper\/x+\//);
});

test('no more of a file is read than is allowed, whatever size it says it has', async () => {
  writeFileSync(at('large.txt'), 'x');
  truncateSync(at('large.txt'), 2 ** 40);
  await expect(openFolder(at('large.txt'))).rejects.toThrow('it has more than 4194304 bytes');
});

test('a folder with more than fits into memory is refused, with what to do', async () => {
  writeFileSync(at('0'), `${'x'.repeat(4 * 1024 * 1024 - 1)}\n`);
  for (let copy = 1; copy <= 32; copy += 1) linkSync(at('0'), at(`${copy}`));
  const refusal = { message: expect.stringMatching(/more than 134217728 characters/), nextStep: expect.any(String) };
  await expect(openFolder(folder)).rejects.toMatchObject(refusal);
});

test('a folder that somebody cannot have meant, of a whole disk, is refused before it is read', async () => {
  writeFileSync(at('0'), 'Text.');
  for (let copy = 1; copy <= 20_000; copy += 1) linkSync(at('0'), at(`${copy}`));
  await expect(openFolder(folder)).rejects.toMatchObject({
    message: expect.stringMatching(/more than 20000 files/),
    code: 'input_invalid',
  });
});
