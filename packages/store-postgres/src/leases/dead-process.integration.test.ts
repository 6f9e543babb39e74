// Would catch: a session that waits for the end of a lease although the process that owned it is dead; a process that works on
// although the database let go of its lock; idle processes that wake one another.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@helix-agents/postgres-embedded';
import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { start } from '../../test/session-driver.ts';
import { testServer } from '../../test/test-database.ts';
import { createPgAdapter, PostgresMigrations, PostgresStateStore } from '../index.ts';

const open = testServer();
/** Ends the connection with the lock of a holder. */
const endLockOf = (holderId: string) => `select pg_terminate_backend(pid) from pg_locks l join helix.holders h
  on (l.classid::bigint << 32 | l.objid::bigint) = h.lock_key where h.holder_id = '${holderId}'`;
const claimOf = (holderId: string) => ({ holderId, runtime: 'js', agentTypes: ['tester'], limit: 10 });

test('the sessions of a process that was killed are claimed within two seconds', async () => {
  const database = await open();
  const store = new PostgresStateStore({ port: database.port });
  const owner = fork(new URL('../../test/own-session.ts', import.meta.url), [database.connectionString], {
    execArgv: ['--conditions=@helix-agents/source'],
  });
  const [sessionId] = (await once(owner, 'message')) as [string];
  await store.openHolder({ holderId: 'next', leaseMs: 30_000 });
  expect(await store.claimDue(claimOf('next'))).toEqual([]);
  owner.kill('SIGKILL');
  const claimed = await vi.waitFor(
    async () => {
      const [session] = await store.claimDue(claimOf('next'));
      return session ?? Promise.reject(new Error('not claimed yet'));
    },
    { timeout: 2_000, interval: 20 },
  );
  expect(claimed).toMatchObject({ sessionId, epoch: 2, run: { takeovers: 1, phase: { holderId: 'next' } } });
  await store.close();
});

test('a process whose lock is gone doubts its leases at once, and has them again where nobody took anything', async () => {
  const database = await open();
  const store = new PostgresStateStore({ port: database.port });
  const [onLost, onDoubt] = [vi.fn<() => void>(), vi.fn<() => void>()];
  for (const holderId of ['one', 'two']) await store.openHolder({ holderId, leaseMs: 30_000, onLost, onDoubt });
  expect(await store.renewHolder('one')).toBe(true);
  const locks = () => database.query(`select 1 from pg_locks where locktype = 'advisory'`);
  await database.query(`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'`);
  await expect.poll(() => onDoubt).toHaveBeenCalledTimes(2);
  await expect.poll(() => locks()).toEqual([]);
  expect(await store.renewHolder('one')).toBe(true);
  expect(await store.renewHolder('two')).toBe(true);
  expect(await locks()).toHaveLength(2);
  expect(onLost).not.toHaveBeenCalled();
  await store.close();
  // The server lets go of a lock when it has noticed that its connection is closed.
  await expect.poll(() => locks()).toEqual([]);
});

test('a process that lost its connection alone keeps its sessions, however often another one looks', async () => {
  const database = await open();
  const [store, other] = [database.port, { ...database.port }].map((port) => new PostgresStateStore({ port }));
  if (!store || !other) throw new Error('there are two stores');
  await other.openHolder({ holderId: 'two', leaseMs: 30_000 });
  const [onLost, seenFree] = [vi.fn<() => void>(), 100];
  const renewed = Promise.withResolvers<boolean>();
  const onDoubt = () => void setTimeout(() => renewed.resolve(store.renewHolder('one')), seenFree);
  await store.openHolder({ holderId: 'one', leaseMs: 30_000, onLost, onDoubt });
  const sessionId = await start(store, { holderId: 'one' });
  const done = new AbortController();
  const looking = [
    async () => expect(await other.claimDue(claimOf('two'))).toEqual([]),
    async () => {
      const claim = { holderId: 'two', runtime: 'js', token: crypto.randomUUID() };
      expect(await other.claim(sessionId, claim)).toEqual({ claimed: false, reason: 'owned' });
    },
  ].map(async (look) => {
    while (!done.signal.aborted) await look();
  });
  await database.query(endLockOf('one'));
  expect(await renewed.promise).toBe(true);
  done.abort();
  await Promise.all(looking);
  expect(await store.renewHolder('one')).toBe(true);
  expect(onLost).not.toHaveBeenCalled();
  await Promise.all([store.close(), other.close()]);
});

test('the lease of a process whose lock was seen free is over soon, and not sooner', async () => {
  const database = await open();
  const [store, other] = [database.port, { ...database.port }].map((port) => new PostgresStateStore({ port }));
  if (!store || !other) throw new Error('there are two stores');
  await store.openHolder({ holderId: 'one', leaseMs: 30_000 });
  await other.openHolder({ holderId: 'two', leaseMs: 30_000 });
  const sessionId = await start(store, { holderId: 'one' });
  await database.query(endLockOf('one'));
  const leftMs = async () => {
    const [row] = await database.query<{ ms: number }>(
      `select extract(epoch from lease_until - clock_timestamp())::float8 * 1000 as ms from helix.holders where holder_id = 'one'`,
    );
    return row?.ms ?? 0;
  };
  await expect.poll(() => database.query(endLockOf('one'))).toEqual([]);
  const claim = other.claim(sessionId, { holderId: 'two', runtime: 'js', token: 'take' });
  await expect.poll(leftMs, { interval: 10 }).toBeLessThan(501);
  expect(await leftMs()).toBeGreaterThan(0);
  expect(await claim).toMatchObject({ claimed: true });
  expect(await store.renewHolder('one')).toBe(false);
  await Promise.all([store.close(), other.close()]);
});

test.each([
  ['one of many', (other: PostgresStateStore) => other.claimDue(claimOf('two'))],
  [
    'the one that was asked for',
    async (other: PostgresStateStore, sessionId: string) => {
      const outcome = await other.claim(sessionId, { holderId: 'two', runtime: 'js', token: 'take' });
      return outcome.claimed ? [outcome.session] : [];
    },
  ],
])('a process has lost its lease where a session was taken while its lock was free: %s', async (_, take) => {
  const database = await open();
  const [store, other] = [database.port, { ...database.port }].map((port) => new PostgresStateStore({ port }));
  if (!store || !other) throw new Error('there are two stores');
  const onLost = vi.fn<() => void>();
  await store.openHolder({ holderId: 'one', leaseMs: 30_000, onLost });
  await other.openHolder({ holderId: 'two', leaseMs: 30_000 });
  const [sessionId, another] = [await start(store, { holderId: 'one' }), await start(store, { holderId: 'one' })];
  await database.query(endLockOf('one'));
  const taken = await vi.waitFor(async () => {
    const sessions = await take(other, sessionId);
    return sessions.length > 0 ? sessions : Promise.reject(new Error('nothing taken yet'));
  }, 5_000);
  expect(taken.map((session) => session.sessionId)).toContain(sessionId);
  expect(await store.renewHolder('one')).toBe(false);
  expect(onLost).toHaveBeenCalledOnce();
  // Also what was not taken is nobody's now.
  const rest = taken.length > 1 ? [] : await other.claimDue(claimOf('two'));
  expect([...taken, ...rest].map((session) => session.sessionId).toSorted()).toEqual([sessionId, another].toSorted());
  await Promise.all([store.close(), other.close()]);
});

test('a server that starts anew waits for who was there, and only where somebody can come back', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'helix-restart-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const before = await startPostgres({ dataDir, durability: 'none' });
  const left = new pg.Pool({ connectionString: before.connectionString }).on('error', () => {});
  await new PostgresMigrations(createPgAdapter(left)).run();
  const owner = new PostgresStateStore({ port: createPgAdapter(left) });
  await owner.openHolder({ holderId: 'gone', leaseMs: 600_000 });
  const sessionId = await start(owner, { holderId: 'gone' });
  await before.stop();
  const server = await startPostgres({ dataDir, durability: 'none' });
  onTestFinished(() => server.stop());
  const pool = new pg.Pool({ connectionString: server.connectionString });
  const [waits, alone] = [600_000, 0].map(
    (restartGraceMs) => new PostgresStateStore({ port: createPgAdapter(pool), restartGraceMs }),
  );
  const claim = { holderId: 'next', runtime: 'js', token: 'take' };
  expect(await waits?.claim(sessionId, claim)).toEqual({ claimed: false, reason: 'owned' });
  expect(await waits?.claimDue(claimOf('next'))).toEqual([]);
  expect(await alone?.claim(sessionId, claim)).toMatchObject({ claimed: true });
  await Promise.allSettled([owner.close(), waits?.close(), alone?.close()]);
  await Promise.all([left.end(), pool.end()]);
});

test('a lock that a dead connection still has is taken from it', async () => {
  const database = await open();
  let lose = () => {};
  const session: NonNullable<typeof database.port.session> = async (onLost) => {
    lose = onLost;
    return (await database.port.session?.(onLost)) ?? Promise.reject(new Error('there are sessions'));
  };
  const store = new PostgresStateStore({ port: { ...database.port, session } });
  const other = new PostgresStateStore({ port: { ...database.port } });
  await store.openHolder({ holderId: 'one', leaseMs: 30_000 });
  await other.openHolder({ holderId: 'two', leaseMs: 30_000 });
  await start(store, { holderId: 'one' });
  const owners = () =>
    database.query<{ pid: number }>(`select pid from pg_locks where locktype = 'advisory' order by pid`);
  const before = await owners();
  lose();
  const looks = Promise.all(Array.from({ length: 20 }, () => other.claimDue(claimOf('two'))));
  expect(await store.renewHolder('one')).toBe(true);
  // Nobody sees it free in between: a session of its owner would be taken then.
  expect((await looks).flat()).toEqual([]);
  expect(await owners()).toHaveLength(2);
  expect(await owners()).not.toEqual(before);
  expect(await other.renewHolder('two')).toBe(true);
  await Promise.all([store.close(), other.close()]);
});

test('many holders of a process share one connection, and closing one keeps the others', async () => {
  const database = await open();
  const store = new PostgresStateStore({ port: database.port });
  const ids = Array.from({ length: 5 }, (_, index) => `holder-${index}`);
  await Promise.all(ids.map((holderId) => store.openHolder({ holderId, leaseMs: 30_000 })));
  const locks = () => database.query<{ pid: number }>(`select pid from pg_locks where locktype = 'advisory'`);
  expect(new Set((await locks()).map(({ pid }) => pid)).size).toBe(1);
  await store.closeHolder('holder-3');
  expect(await locks()).toHaveLength(4);
  expect(await store.renewHolder('holder-2')).toBe(true);
  await store.close();
});

test('a holder that is refused after it took its lock leaves none behind, and the others keep theirs', async () => {
  const database = await open();
  const store = new PostgresStateStore({ port: database.port });
  const onLost = vi.fn<() => void>();
  await store.openHolder({ holderId: 'one', leaseMs: 30_000, onLost });
  await database.query(`create function refuse() returns trigger language plpgsql as
    $$ begin raise exception 'refused' using errcode = '57014'; end $$`);
  await database.query(`create trigger refuse before insert on helix.holders
    for each row when (new.holder_id = 'two') execute function refuse()`);
  const locks = () => database.query(`select 1 from pg_locks where locktype = 'advisory'`);
  await expect(store.openHolder({ holderId: 'two', leaseMs: 30_000 })).rejects.toThrow('refused');
  expect(await locks()).toHaveLength(1);
  expect(await store.renewHolder('one')).toBe(true);
  expect(onLost).not.toHaveBeenCalled();
  await store.close();
});

test('a holder that closes calls those who wait for due sessions only where it leaves one', async () => {
  const database = await open();
  const store = new PostgresStateStore({ port: database.port, poll: true, pollMs: 60_000 });
  await store.openHolder({ holderId: 'idle', leaseMs: 30_000 });
  await store.openHolder({ holderId: 'busy', leaseMs: 30_000 });
  await start(store, { holderId: 'busy' });
  const due = vi.fn<() => void>();
  const stop = store.signals.watchDue(due);
  await store.closeHolder('idle');
  await Promise.resolve();
  expect(due).not.toHaveBeenCalled();
  await store.closeHolder('busy');
  await expect.poll(() => due).toHaveBeenCalledOnce();
  stop();
  await store.close();
});

test('processes tell each other what happened', async () => {
  const database = await open();
  const [one, two] = [
    new PostgresStateStore({ port: database.port }),
    new PostgresStateStore({ port: { ...database.port } }),
  ];
  const heard = vi.fn<() => void>();
  const due = vi.fn<() => void>();
  const stops = [two.signals.watch('session-x', heard), two.signals.watchDue(due)];
  await expect.poll(() => heard).toHaveBeenCalled();
  heard.mockClear();
  due.mockClear();
  await start(one);
  one.signals.notify('session-x');
  await expect.poll(() => heard).toHaveBeenCalledOnce();
  await expect.poll(() => due).toHaveBeenCalledOnce();
  await database.query(`select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%'`);
  await expect.poll(() => heard).toHaveBeenCalledTimes(2);
  heard.mockClear();
  await expect.poll(() => (one.signals.notify('session-x'), heard)).toHaveBeenCalled();
  for (const stop of stops) stop();
});

test('what processes left that died a day ago is removed, and nothing of those who live', async () => {
  const database = await open();
  const holders = async () => {
    const rows = await database.query<{ holder_id: string }>(`select holder_id from helix.holders order by holder_id`);
    return rows.map(({ holder_id }) => holder_id);
  };
  const [dead, lapsed, living] = Array.from(
    { length: 3 },
    () => new PostgresStateStore({ port: database.port, poll: true }),
  );
  await dead?.openHolder({ holderId: 'dead', leaseMs: 30_000 });
  await database.advance(86_000_000);
  await lapsed?.openHolder({ holderId: 'lapsed', leaseMs: 30_000 });
  await database.advance(1_000_000);
  await living?.openHolder({ holderId: 'living', leaseMs: 30_000 });
  expect(await holders()).toEqual(['lapsed', 'living']);
  expect(await dead?.renewHolder('dead')).toBe(false);
});
