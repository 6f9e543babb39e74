import { readdir } from 'node:fs/promises';
import { vi } from 'vitest';
import { findNativePackage } from '../src/binaries/native-package.ts';
import { usableBinaries } from '../src/binaries/usable-binaries.ts';
import { unprivilegedUser } from '../src/process/unprivileged-user.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A folder for the temporary files of starts. */
export interface StartFolder {
  readonly folder: string;
  /** The names of everything that was not there at first. */
  readonly leftBehind: () => Promise<readonly string[]>;
}

/**
 * A new folder in which starts find their copy of the binaries, should they need one, as they do where only root may enter the
 * checkout. A copy is meant to stay: all else that appears is of a start.
 */
export async function startFolder(options?: { mode?: number }): Promise<StartFolder> {
  const folder = await temporaryFolder(options);
  vi.stubEnv('TMPDIR', folder);
  try {
    await usableBinaries(await findNativePackage(), await unprivilegedUser(undefined));
  } finally {
    vi.unstubAllEnvs();
  }
  const before = new Set(await readdir(folder));
  return { folder, leftBehind: async () => (await readdir(folder)).filter((name) => !before.has(name)) };
}
