import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { listProcesses } from '../process/process-table.ts';

/**
 * Removes the lock of a server that is gone where Postgres could not tell: it takes any process of its user with the old id for
 * the old server. In a container, ids come again at every start, and a killed server may never be collected.
 */
export async function removeStaleLock(pgdata: string): Promise<void> {
  const path = join(pgdata, 'postmaster.pid');
  const lock = await readFile(path, 'utf8').catch(() => undefined);
  if (lock === undefined) return;
  const holder = (await listProcesses()).find(({ pid }) => pid === Number.parseInt(lock, 10));
  if (!isPostgres(holder?.command ?? '')) await rm(path, { force: true });
}

/** Whether this is the command line or the title of a Postgres process. One that ended and was not collected has none. */
export function isPostgres(command: string): boolean {
  return /^(\S*\/)?postgres(:|\s|$)/.test(command);
}
