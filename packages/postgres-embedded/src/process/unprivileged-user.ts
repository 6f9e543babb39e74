import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PostgresStartError } from '../postgres-start-error.ts';
import type { ProcessUser } from './process-user.ts';

/**
 * Whom Postgres runs as: `undefined` for ourselves. Postgres refuses to run as root, so root hands it to the owner of the
 * existing cluster, or to `nobody` (initdb wants a user with a name).
 *
 * @throws PostgresStartError `postgres_no_unprivileged_user`
 */
export async function unprivilegedUser(clusterFolder: string | undefined): Promise<ProcessUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner =
    clusterFolder === undefined ? undefined : await stat(join(clusterFolder, 'pgdata')).catch(() => undefined);
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return nobodyIn(await readFile('/etc/passwd', 'utf8').catch(() => ''));
}

/** @param passwd - Text of /etc/passwd. */
export function nobodyIn(passwd: string): ProcessUser {
  const [, uid, gid] = /^nobody:[^:]*:(-?\d+):(-?\d+):/m.exec(passwd) ?? [];
  if (uid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  throw new PostgresStartError(
    'postgres_no_unprivileged_user',
    'Postgres refuses to run as root, and there is no user "nobody".',
  );
}
