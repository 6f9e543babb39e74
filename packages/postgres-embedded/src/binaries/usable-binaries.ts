import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PostgresStartError } from '../postgres-start-error.ts';
import { canEnter, type ProcessUser } from '../process/process-user.ts';
import type { NativePackage } from './native-package.ts';
import { cachedCopy } from './cached-copy.ts';

/**
 * A folder with `bin`, `lib` and `share` from which the user can run Postgres: the installed package, or a copy of it where the
 * user cannot read the package, or where it was installed without its scripts, which link its libraries.
 *
 * @param user - Whom Postgres runs as; `undefined` for ourselves.
 * @throws PostgresStartError `postgres_binaries_unusable`, `postgres_cache_unsafe` or `postgres_no_unprivileged_user`
 */
export async function usableBinaries(native: NativePackage, user: ProcessUser | undefined): Promise<string> {
  let problem = await whyNotRunnable(native.folder, user);
  if (problem === undefined) return native.folder;
  for (const root of new Set([tmpdir(), '/tmp', '/var/tmp'])) {
    if (user && !(await canEnter(root, user).catch(() => false))) continue;
    const copy = await cachedCopy(native, root);
    problem = await whyNotRunnable(copy, user);
    if (problem === undefined) return copy;
  }
  throw new PostgresStartError('postgres_binaries_unusable', `The Postgres program does not run here: ${problem}`);
}

/** Permissions, mount options, missing libraries and the wrong libc: running the program once is the only test of them all. */
async function whyNotRunnable(folder: string, user: ProcessUser | undefined): Promise<string | undefined> {
  try {
    await promisify(execFile)(join(folder, 'bin', 'postgres'), ['--version'], { ...user, cwd: '/', env: {} });
    return undefined;
  } catch (cause) {
    const { code, stderr, message } = cause as { code?: unknown; stderr?: string; message: string };
    if (code !== 'EPERM' && code !== 'EINVAL') return stderr?.trim() || message;
    const what = `Postgres refuses to run as root, and this root may not start a process as user ${user?.uid}.`;
    throw new PostgresStartError('postgres_no_unprivileged_user', what, { cause });
  }
}
