// Catches: the lock of a running server taken for that of a dead one, and the other way round.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
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

test('a lock in the name of some other program is removed', async () => {
  const pgdata = await temporaryFolder();
  await writeFile(join(pgdata, 'postmaster.pid'), `${process.pid}\n${pgdata}\n`);
  await removeStaleLock(pgdata);
  expect(existsSync(join(pgdata, 'postmaster.pid'))).toBe(false);
});
