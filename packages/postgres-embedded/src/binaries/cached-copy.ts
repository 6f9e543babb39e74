import { constants } from 'node:fs';
import { chmod, cp, lstat, mkdtemp, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { PostgresStartError } from '../postgres-start-error.ts';
import { removeAbandonedCopies, stagingPrefix } from './abandoned-copies.ts';
import type { NativePackage } from './native-package.ts';

/**
 * A complete copy of the package below `root` that everyone can read and only we can write. It is made once, in one step as
 * seen by others (a rename), so that starts may race. A copy that lost files, as temporary folders get swept, is replaced, and
 * what a killed start left half made is removed.
 *
 * @throws PostgresStartError `postgres_cache_unsafe` when someone else made that folder or may write into it.
 */
export async function cachedCopy(native: NativePackage, root: string): Promise<string> {
  const target = join(root, `helix-postgres-${native.version}-${native.platform}-${process.getuid?.()}`);
  await removeAbandonedCopies(target);
  if (await isUsable(native, target)) return target;
  const staged = await mkdtemp(stagingPrefix(target));
  try {
    await copyReadable(native, staged);
    await moveIntoPlace(native, staged, target);
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
  return target;
}

async function isUsable(native: NativePackage, target: string): Promise<boolean> {
  const found = await lstat(target).catch(() => undefined);
  if (!found) return false;
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o022) !== 0) {
    throw new PostgresStartError('postgres_cache_unsafe', `Others may have put programs into ${target}.`);
  }
  const present = new Set(await readdir(target, { recursive: true }));
  const wanted = [
    ...(await readdir(native.folder, { recursive: true })),
    ...native.libraryLinks.map(({ link }) => link),
  ];
  return wanted.every((path) => present.has(path));
}

async function copyReadable(native: NativePackage, staged: string): Promise<void> {
  await cp(native.folder, staged, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
  const entries = await readdir(staged, { recursive: true, withFileTypes: true });
  const paths = new Set(entries.map((entry) => join(entry.parentPath, entry.name)));
  for (const entry of entries) if (!entry.isSymbolicLink()) await makeReadable(join(entry.parentPath, entry.name));
  await makeReadable(staged);
  for (const { file, link } of native.libraryLinks) {
    if (!paths.has(join(staged, link))) await symlink(file, join(staged, link));
  }
}

/** The package may have been installed under a umask that shuts others out. */
async function makeReadable(path: string): Promise<void> {
  const { mode } = await stat(path);
  await chmod(path, (mode & 0o100) === 0 ? 0o644 : 0o755);
}

/** A rename onto a folder that has files fails: then another start was faster, or an incomplete copy is in the way. */
async function moveIntoPlace(native: NativePackage, staged: string, target: string): Promise<void> {
  if (await moved(staged, target)) return;
  if (await isUsable(native, target)) return;
  const outdated = await mkdtemp(stagingPrefix(target));
  await rename(target, outdated);
  await rm(outdated, { recursive: true, force: true });
  await rename(staged, target);
}

async function moved(from: string, to: string): Promise<boolean> {
  return await rename(from, to).then(
    () => true,
    () => false,
  );
}
