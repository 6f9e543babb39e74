// Would catch: a commit that landed and is written again, or that did not land and is said to have, because its answer was lost.
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { lossyProxy } from '../../test/lossy-proxy.ts';
import {
  must,
  newId,
  ownerCommit,
  placeOf,
  start,
  startCommit,
  textParts,
  writeOn,
} from '../../test/session-driver.ts';
import { testServer, type TestDatabase } from '../../test/test-database.ts';
import { createPgAdapter, PostgresStateStore, type PostgresOptions, type PostgresPort } from '../index.ts';

const open = testServer();
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function overProxy(options: Partial<PostgresOptions> = {}) {
  const database = await open();
  const proxy = await lossyProxy(database.connectionString);
  const pool = new pg.Pool({ connectionString: proxy.connectionString });
  const store = new PostgresStateStore({ port: createPgAdapter(pool), poll: true, ...options });
  closers.push(
    () => pool.end(),
    () => proxy.close(),
  );
  return { database, proxy, store };
}

const versions = async (database: TestDatabase, sessionId: string) =>
  (await database.query('select version from helix.session_log where session_id = $1', [sessionId])).length;

test.each([
  ['an ordinary commit', textParts('hello')],
  ['a park', { run: { op: 'park', on: [] } }],
] as const)('the lost answer to %s: it is told as landed, and is there once', async (_, parts) => {
  const { database, proxy, store } = await overProxy({ prepared: false });
  const sessionId = await start(store);
  const commit = ownerCommit(await placeOf(store, sessionId), parts);
  proxy.loseReplyTo('insert into');
  expect(await store.commit(sessionId, commit)).toEqual({ landed: true, version: 2, epoch: 1, inbox: 0 });
  expect(proxy.lost).toBe(1);
  expect(await versions(database, sessionId)).toBe(2);
});

test('the lost answer to a batch: each of its commits is told as landed, and is there once', async () => {
  const { database, proxy, store } = await overProxy({ prepared: false });
  const ids = await Promise.all(Array.from({ length: 8 }, () => start(store)));
  const commits = await Promise.all(ids.map(async (id) => ownerCommit(await placeOf(store, id))));
  proxy.loseReplyTo('cross join lateral');
  const outcomes = await Promise.all(ids.map((id, index) => store.commit(id, commits[index]!)));
  for (const outcome of outcomes) expect(outcome).toEqual({ landed: true, version: 2, epoch: 1, inbox: 0 });
  expect(proxy.lost).toBe(1);
  for (const id of ids) expect(await versions(database, id)).toBe(2);
});

test('the lost answer to the first commit of a session', async () => {
  const { database, proxy, store } = await overProxy({ prepared: false });
  const sessionId = newId('session');
  proxy.loseReplyTo('insert into');
  must(await store.commit(sessionId, startCommit(sessionId)));
  expect(await versions(database, sessionId)).toBe(1);
});

test('the lost answer to a delivery: it is told as delivered, and is there once', async () => {
  const { proxy, store } = await overProxy({ prepared: false });
  const sessionId = await start(store);
  proxy.loseReplyTo('insert into');
  const item = { kind: 'message', messageId: 'm', parts: [], at: 1 } as const;
  expect(await store.deliver(sessionId, item)).toMatchObject({ delivered: true, inbox: 1 });
  expect(await store.load(sessionId)).toMatchObject({ inbox: 1, unread: [{ seq: 1 }] });
});

test('a delivery that the server refused, and that another process made meanwhile, is told as a duplicate', async () => {
  const database = await open({ options: '-c lock_timeout=200ms' });
  const refused = Promise.withResolvers<unknown>();
  const query: PostgresPort['query'] = (statement) => {
    const answer = database.port.query(statement);
    answer.catch(refused.resolve);
    return answer;
  };
  const store = new PostgresStateStore({ port: { query } });
  const sessionId = await start(store);
  const item = { kind: 'message', messageId: 'm', parts: [], at: 1 } as const;
  const transaction = await database.port.session!(() => {});
  closers.push(() => transaction.close());
  await transaction.query({ text: 'begin', values: [] });
  const first = await new PostgresStateStore({ port: transaction }).deliver(sessionId, item);
  const second = store.deliver(sessionId, item);
  await refused.promise;
  await transaction.query({ text: 'commit', values: [] });
  expect(first).toMatchObject({ delivered: true });
  expect(await second).toMatchObject({ delivered: false, reason: 'duplicate' });
});

test('the lost answer to claimDue: what it claimed is handed out, not forgotten', async () => {
  const { proxy, store } = await overProxy({ prepared: false });
  const ids = [await start(store), await start(store)];
  proxy.loseReplyTo('insert into');
  const claimed = await store.claimDue({ holderId: 'h', runtime: 'js', agentTypes: ['tester'], limit: 10 });
  expect(claimed.map(({ sessionId }) => sessionId).toSorted()).toEqual(ids.toSorted());
});

test('backends that are ended in the middle of it: the log is what the writers were told', async () => {
  const { database, store } = await overProxy();
  const ids = await Promise.all(Array.from({ length: 10 }, () => start(store)));
  const done = new AbortController();
  const killer = (async () => {
    while (!done.signal.aborted) {
      const text = `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
        and query like 'insert into%' limit 1`;
      await database.query(text).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  const steps = 40;
  await Promise.all(ids.map((id) => writeOn(store, id, steps)));
  done.abort();
  await killer;
  for (const id of ids) expect(await versions(database, id)).toBe(steps + 1);
});

test('a server that does not answer until time is up leaves the outcome unknown', async () => {
  const { database, store } = await overProxy({ commitTimeoutMs: 300, statementTimeoutMs: 100 });
  const sessionId = await start(store);
  const commit = ownerCommit(await placeOf(store, sessionId));
  const blocker = await database.pool.connect();
  await blocker.query('begin');
  await blocker.query('lock table helix.session_log in access exclusive mode');
  const outcome = await store.commit(sessionId, commit);
  expect(outcome).toMatchObject({ landed: 'unknown', cause: expect.any(Error) });
  await blocker.query('rollback');
  blocker.release();
});
