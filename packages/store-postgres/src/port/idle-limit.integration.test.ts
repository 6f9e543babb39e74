// Would catch: a server that closes connections which rest for a while, and with them the lock of every process whose steps take
// longer.
import pg from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
import { testServer } from '../../test/test-database.ts';
import { createPgAdapter } from './pg-adapter.ts';
import type { PostgresPort } from './postgres-port.ts';

const open = testServer();
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A port to a database that closes what rests for five minutes, and what its connections were asked. */
async function portWithLimit() {
  const database = await open({ migrate: false });
  await database.query(
    `do $$ begin execute format('alter database %I set idle_session_timeout = ''5min''', current_database()); end $$`,
  );
  const pool = new pg.Pool({ connectionString: database.connectionString });
  const asked: unknown[][] = [];
  pool.on('connect', (client) => asked.push(vi.spyOn(client, 'query').mock.calls));
  closers.push(() => pool.end());
  return { port: createPgAdapter(pool), asked };
}

const limitOf = async (on: Pick<PostgresPort, 'query'> | undefined) =>
  (await on?.query({ text: 'show idle_session_timeout', values: [] }))?.rows[0];

test('the limit for idle connections does not hold for the one with the lock, from its first statement on', async () => {
  const { port } = await portWithLimit();
  const session = await port.session?.(() => {});
  closers.unshift(async () => session?.close());
  await session?.query({ text: 'select 1', values: [] });
  expect(await limitOf(session)).toEqual({ idle_session_timeout: '0' });
  expect(await limitOf(port)).toEqual({ idle_session_timeout: '5min' });
});

test('nor for the one that listens', async () => {
  const { port, asked } = await portWithLimit();
  const unlisten = await port.listen?.(
    'news',
    () => {},
    () => {},
  );
  closers.unshift(async () => unlisten?.());
  const [first, ...more] = asked;
  expect(more).toEqual([]);
  expect(first?.slice(-2)).toMatchObject([[{ text: 'set idle_session_timeout = 0' }], [{ text: 'listen "news"' }]]);
});
