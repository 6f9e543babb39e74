import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PostgresStartError } from '../postgres-start-error.ts';

/**
 * Makes a folder, and those above it that are missing. Resolves with whether it was missing.
 *
 * Node's own `recursive` never returns below /proc, where a folder can be lacking although the one above it is there.
 *
 * @throws PostgresStartError `postgres_data_dir_foreign` for a file, `postgres_data_dir_not_permitted` where none can be made
 */
export async function makeFolder(path: string, mode: number): Promise<boolean> {
  try {
    return await makeOne(path, mode);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw refusal(path, error);
    await makeFolder(dirname(path), mode);
    return makeOne(path, mode).catch((again: unknown) => Promise.reject(refusal(path, again)));
  }
}

async function makeOne(path: string, mode: number): Promise<boolean> {
  try {
    await mkdir(path, { mode });
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    if ((await stat(path)).isDirectory()) return false;
    throw new PostgresStartError('postgres_data_dir_foreign', `${path} is not a folder.`, { cause: error });
  }
}

function refusal(path: string, cause: unknown): PostgresStartError {
  if (cause instanceof PostgresStartError) return cause;
  const what = `The folder ${path} cannot be made (${codeOf(cause)}).`;
  const code = codeOf(cause) === 'ENOTDIR' ? 'postgres_data_dir_foreign' : 'postgres_data_dir_not_permitted';
  return new PostgresStartError(code, what, { cause });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
