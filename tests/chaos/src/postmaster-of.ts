import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pgdataOf } from './pgdata-of.ts';

/** The first process of the embedded server that runs on a `dataDir`. */
export function postmasterOf(dataDir: string): number {
  const pid = Number(readFileSync(join(pgdataOf(dataDir), 'postmaster.pid'), 'utf8').split('\n')[0]);
  // To process 0 a signal would be one to ourselves.
  if (!(pid > 1)) throw new Error('the server did not tell its process');
  return pid;
}
