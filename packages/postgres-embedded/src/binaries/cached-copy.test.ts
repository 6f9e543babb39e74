// Catches: running a program that another user of this machine put where we look for ours; half-made copies that fill the disk.
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
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

test('half-made copies of processes that are gone are removed, those of others stay', async () => {
  const root = await temporaryFolder();
  const gone = spawnSync(process.execPath, ['--version']).pid;
  const copyOf = async (name: string, ageMs: number) => {
    const path = join(root, name);
    await mkdir(path);
    await writeFile(join(path, 'half'), '');
    const at = new Date(Date.now() - ageMs);
    await utimes(path, at, at);
  };
  const own = nameOf(root).slice(root.length + 1);
  await copyOf(`${own}-${gone}-abandon`, 120_000);
  await copyOf(`${own}-nobody`, 7_200_000);
  await copyOf(`${own}-${gone}-another`, 1_000);
  await copyOf(`${own}-${process.pid}-running`, 120_000);
  await copyOf('helix-postgres-0.9.0-test-0-1-other', 7_200_000);
  await cachedCopy(await nativePackage(), root);
  expect((await readdir(root)).toSorted()).toEqual(
    ['helix-postgres-0.9.0-test-0-1-other', own, `${own}-${gone}-another`, `${own}-${process.pid}-running`].toSorted(),
  );
});
