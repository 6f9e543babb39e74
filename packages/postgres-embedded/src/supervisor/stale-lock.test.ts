// Catches: the lock of a running server taken for that of a dead one, and the other way round.
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { isPostgres, removeStaleLock } from './stale-lock.ts';

test.each(['/opt/native/bin/postgres -D /data', 'postgres -D /data', 'postgres: checkpointer'])(
  '%s is a Postgres',
  (command) => {
    expect(isPostgres(command)).toBe(true);
  },
);

test.each(['', 'node /srv/postgres/server.js', '/usr/bin/postgres_exporter', 'postgresql-tool'])(
  '"%s" is none',
  (command) => {
    expect(isPostgres(command)).toBe(false);
  },
);

const self = { pid: process.pid, parentPid: process.ppid, groupId: process.pid, command: 'node' };

async function locked(lock: string) {
  const pgdata = await temporaryFolder();
  const path = join(pgdata, 'postmaster.pid');
  await writeFile(path, lock);
  return { pgdata, path };
}

test('a lock in the name of some other program is removed', async () => {
  const { pgdata, path } = await locked(`${process.pid}\n`);
  await removeStaleLock(pgdata);
  expect(existsSync(path)).toBe(false);
});

test('a lock that stays empty, whose server died while it wrote it, is removed', async () => {
  const { pgdata, path } = await locked('');
  await removeStaleLock(pgdata);
  expect(existsSync(path)).toBe(false);
});

test('a lock of nobody is left to Postgres, which can tell', async () => {
  const { pgdata, path } = await locked(`${process.pid}\n`);
  await removeStaleLock(pgdata, async () => []);
  expect(existsSync(path)).toBe(true);
});

test.each(['', `${process.pid}\n`])(
  'of two starts that find the lock %j, the second keeps that of the server which the first one started',
  async (found) => {
    const { pgdata, path } = await locked(found);
    await removeStaleLock(pgdata, async () => {
      await writeFile(path, '4711\n');
      return [self];
    });
    expect(await readFile(path, 'utf8')).toBe('4711\n');
  },
);
