import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The user and group that Postgres runs as, where that is not ourselves. */
export interface ProcessUser {
  readonly uid: number;
  readonly gid: number;
}

/** Whether a user may pass through a folder and everything above it. */
export async function canEnter(folder: string, user: ProcessUser): Promise<boolean> {
  for (let path = await realpath(folder); ; path = dirname(path)) {
    const { uid, gid, mode } = await stat(path);
    const execute = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & execute) === 0) return false;
    if (dirname(path) === path) return true;
  }
}
