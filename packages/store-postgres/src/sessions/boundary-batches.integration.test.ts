// Would catch: sessions that begin or end at once and each cost a round trip and a flush of their own; a session whose begin or end
// fails because of the one beside it, or is told another fate than it had.
import pg from 'pg';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { CommitOutcome, SessionCommit } from '@helix-agents/core';
import { lossyProxy } from '../../test/lossy-proxy.ts';
import { must, newId, ownerCommit, startCommit } from '../../test/session-driver.ts';
import { testServer, type TestDatabase } from '../../test/test-database.ts';
import { createPgAdapter, PostgresStateStore, type PostgresPort } from '../index.ts';

const open = testServer();
let database: TestDatabase;
beforeAll(async () => {
  database = await open();
});
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** A store that counts the round trips of its commits. */
function countingStore(port: PostgresPort = database.port) {
  const trips: string[] = [];
  const counted: PostgresPort = {
    query: (statement) => (trips.push(statement.name ?? ''), port.query(statement)),
    transaction: (statements) => (trips.push(statements[0]?.name ?? ''), port.transaction!(statements)),
  };
  const commits = () => trips.filter((name) => /create_session|boundary_commit/.test(name)).length;
  return { store: new PostgresStateStore({ port: counted }), commits };
}

const newIds = (count: number) => Array.from({ length: count }, () => newId('session'));

const park = (more: Partial<SessionCommit> = {}) =>
  ownerCommit(1, { run: { op: 'park', on: [] } }, { fence: { as: 'owner', epoch: 1, version: 1, inbox: 0 }, ...more });

async function startAll(store: PostgresStateStore, ids: readonly string[]) {
  return Promise.all(ids.map((id) => store.commit(id, startCommit(id))));
}

const first: CommitOutcome = { landed: true, version: 1, epoch: 1, inbox: 0 };
const second: CommitOutcome = { landed: true, version: 2, epoch: 1, inbox: 0 };

test('50 sessions that begin at once, and end at once, take few round trips', async () => {
  const { store, commits } = countingStore();
  const ids = newIds(50);
  expect(await startAll(store, ids)).toEqual(ids.map(() => first));
  expect(commits()).toBeLessThan(6);
  expect(await Promise.all(ids.map((id) => store.commit(id, park())))).toEqual(ids.map(() => second));
  expect(commits()).toBeLessThan(12);
  for (const id of ids) expect(await store.head(id)).toMatchObject({ version: 2, phase: 'parked' });
});

test('a poisoned begin fails alone', async () => {
  const { store } = countingStore();
  const ids = newIds(20);
  const results = await Promise.allSettled(
    ids.map((id, index) => store.commit(id, { ...startCommit(id), ...(index === 7 && { token: 'NUL \u0000' }) })),
  );
  expect(results.map(({ status }) => status)).toEqual(ids.map((_, index) => (index === 7 ? 'rejected' : 'fulfilled')));
  expect(results[7]).toMatchObject({ reason: { code: 'input_invalid' } });
  for (const [index, id] of ids.entries()) expect((await store.head(id))?.version).toBe(index === 7 ? undefined : 1);
});

test('a stale end, a fenced one and one whose inbox moved are refused alone', async () => {
  const { store } = countingStore();
  const ids = newIds(12);
  await startAll(store, ids);
  const other = new PostgresStateStore({ port: database.port });
  must(await other.commit(ids[2]!, ownerCommit(1)));
  await other.deliver(ids[5]!, { kind: 'message', messageId: newId('message'), parts: [], at: 5 });
  const fenced = park({ fence: { as: 'owner', epoch: 7, version: 1, inbox: 0 } });
  const outcomes = await Promise.all(ids.map((id, index) => store.commit(id, index === 9 ? fenced : park())));
  const refused = outcomes.flatMap((outcome, index) => (outcome.landed === false ? [[index, outcome.reason]] : []));
  expect(Object.fromEntries(refused)).toEqual({ 2: 'stale', 5: 'inbox-moved', 9: 'fenced' });
  expect(outcomes.filter(({ landed }) => landed === true)).toHaveLength(9);
});

test('the lost answer to a batch of begins, and of ends: each is told as landed, and is there once', async () => {
  const proxy = await lossyProxy(database.connectionString);
  const pool = new pg.Pool({ connectionString: proxy.connectionString, max: 4 });
  closers.push(
    () => proxy.close(),
    () => pool.end(),
  );
  const { store } = countingStore(createPgAdapter(pool));
  const ids = newIds(16);
  proxy.loseReplyTo(ids[11]!);
  expect(await startAll(store, ids)).toEqual(ids.map(() => first));
  proxy.loseReplyTo(ids[4]!);
  expect(await Promise.all(ids.map((id) => store.commit(id, park())))).toEqual(ids.map(() => second));
  expect(proxy.lost).toBe(2);
  const text = 'select count(*)::int as n from helix.session_log where session_id = any($1)';
  expect(await database.query(text, [ids])).toEqual([{ n: 32 }]);
});

test('batches of several processes that meet in the same sessions end, and one of each two lands', async () => {
  const stores = Array.from({ length: 4 }, () => countingStore().store);
  const ids = newIds(30);
  await startAll(stores[0]!, ids);
  const outcomes = await Promise.all(
    stores.map((store, turn) => {
      const order = turn % 2 === 0 ? ids : ids.toReversed();
      return Promise.all(order.map(async (id) => ({ id, outcome: await store.commit(id, park()) })));
    }),
  );
  for (const id of ids) {
    const landed = outcomes.flat().filter((each) => each.id === id && each.outcome.landed === true);
    expect(landed).toHaveLength(1);
  }
});

test('a port that sends one statement at a time is as good', async () => {
  const store = new PostgresStateStore({ port: { query: (statement) => database.port.query(statement) } });
  const ids = newIds(10);
  expect(await startAll(store, ids)).toEqual(ids.map(() => first));
});
