import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { listProcesses, type ProcessEntry } from '../process/process-table.ts';

/**
 * Removes the lock of a server that is gone where Postgres could not tell: it takes any process of its user with the old id for
 * the old server. In a container, ids come again at every start, and a killed server may never be collected.
 */
export async function removeStaleLock(pgdata: string, list = listProcesses): Promise<void> {
  const path = join(pgdata, 'postmaster.pid');
  const read = () => readFile(path, 'utf8').catch(() => undefined);
  const lock = await read();
  if (lock === undefined || !misleads(lock, await list())) return;
  // Another start may have been faster: without its lock, the server of that one is never ready, or ends within a minute.
  if ((await read()) === lock) await rm(path, { force: true });
}

/** Whether Postgres would not start because of a lock that nobody holds: one whose server died while it wrote it is empty. */
function misleads(lock: string, processes: readonly ProcessEntry[]): boolean {
  if (lock === '') return true;
  const holder = processes.find(({ pid }) => pid === Number.parseInt(lock, 10));
  return holder !== undefined && !isPostgres(holder.command);
}

/** Whether this is the command line or the title of a Postgres process. One that ended and was not collected has none. */
export function isPostgres(command: string): boolean {
  return /^(\S*\/)?postgres(:|\s|$)/.test(command);
}
