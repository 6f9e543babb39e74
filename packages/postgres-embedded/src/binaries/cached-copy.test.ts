// Catches: running a program that another user of this machine put where we look for ours.
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { cachedCopy } from './cached-copy.ts';
import type { NativePackage } from './native-package.ts';

async function nativePackage(): Promise<NativePackage> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'lib'));
  await writeFile(join(folder, 'lib', 'libx.so.1.2'), 'x', { mode: 0o600 });
  return {
    platform: 'test',
    version: '1.0.0',
    majorVersion: '1',
    folder,
    libraryLinks: [{ file: 'libx.so.1.2', link: 'lib/libx.so.1' }],
  };
}

const nameOf = (root: string): string => join(root, `helix-postgres-1.0.0-test-${process.getuid?.()}`);

test('a copy has the links of its libraries and can be read by everyone', async () => {
  const copy = await cachedCopy(await nativePackage(), await temporaryFolder());
  expect(await readFile(join(copy, 'lib', 'libx.so.1'), 'utf8')).toBe('x');
});

test('a folder that others may write into is refused', async () => {
  const root = await temporaryFolder();
  await mkdir(nameOf(root));
  await chmod(nameOf(root), 0o777);
  await expect(cachedCopy(await nativePackage(), root)).rejects.toMatchObject({ code: 'postgres_cache_unsafe' });
});

test('a link to somewhere else is refused', async () => {
  const root = await temporaryFolder();
  await symlink(await temporaryFolder(), nameOf(root));
  await expect(cachedCopy(await nativePackage(), root)).rejects.toMatchObject({ code: 'postgres_cache_unsafe' });
});
