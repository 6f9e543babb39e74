// Would catch: a commit that takes those beside it along, because it was stale, poisoned or of a session that is gone.
import { beforeAll, expect, test } from 'vitest';
import type { SessionCommit } from '@helix-agents/core';
import { genericPlan } from '../../test/generic-plan.ts';
import { must, nextPlace, ownerCommit, placeOf, start, writeOn } from '../../test/session-driver.ts';
import { testServer } from '../../test/test-database.ts';
import { PostgresStateStore, type PostgresPort, type PostgresStatement } from '../index.ts';
import { tablesOf } from '../database/tables.ts';
import { appendCommits, appendThoseThatFit } from './sql/append-commits.ts';

const open = testServer();
let store: PostgresStateStore;
let sent: PostgresStatement[] = [];
let database: ReturnType<typeof open>;
beforeAll(async () => {
  database = open();
  const { port } = await database;
  const counted: PostgresPort = { query: (statement) => (sent.push(statement), port.query(statement)) };
  store = new PostgresStateStore({ port: counted });
});

async function sessions(count: number): Promise<string[]> {
  const ids = await Promise.all(Array.from({ length: count }, () => start(store)));
  sent = [];
  return ids;
}

/** What the owner of each session would write next. */
async function nextCommits(ids: readonly string[]): Promise<SessionCommit[]> {
  const places = await Promise.all(ids.map((id) => placeOf(store, id)));
  sent = [];
  return places.map((place) => ownerCommit(place, {}));
}

test('commits of 50 sessions leave in few statements, and each learns its own outcome', async () => {
  const ids = await sessions(50);
  const commits = await nextCommits(ids);
  const outcomes = await Promise.all(ids.map((id, index) => store.commit(id, commits[index]!)));
  for (const outcome of outcomes) expect(outcome).toEqual({ landed: true, version: 2, epoch: 1, inbox: 0 });
  expect(sent.filter(({ text }) => text.includes('insert into')).length).toBeLessThan(ids.length / 4);
});

test('a poisoned commit of a batch fails alone', async () => {
  const ids = await sessions(20);
  const commits = await nextCommits(ids);
  commits[7] = { ...commits[7]!, token: 'NUL \u0000' };
  const results = await Promise.allSettled(ids.map((id, index) => store.commit(id, commits[index]!)));
  expect(results.map(({ status }) => status)).toEqual(ids.map((_, index) => (index === 7 ? 'rejected' : 'fulfilled')));
  expect(results[7]).toMatchObject({ reason: { code: 'input_invalid' } });
  for (const [index, id] of ids.entries()) {
    expect(await store.head(id)).toMatchObject({ version: index === 7 ? 1 : 2 });
  }
});

test('a stale commit, a fenced one and one without a session are refused alone', async () => {
  const ids = await sessions(10);
  const commits = await nextCommits(ids);
  const { lastToken } = await placeOf(store, ids[2]!);
  commits[2] = ownerCommit({ epoch: 1, version: 5, lastToken }, {});
  commits[4] = ownerCommit({ epoch: 9, version: 1, lastToken }, {});
  ids[6] = 'nowhere';
  const outcomes = await Promise.all(ids.map((id, index) => store.commit(id, commits[index]!)));
  expect(outcomes[2]).toMatchObject({ landed: false, reason: 'stale', head: { version: 1 } });
  expect(outcomes[4]).toMatchObject({ landed: false, reason: 'fenced' });
  expect(outcomes[6]).toEqual({ landed: false, reason: 'stale', head: null });
  outcomes.forEach((outcome, index) => [2, 4, 6].includes(index) || must(outcome));
});

test('commits whose place another process took are refused alone, and cost those beside them one statement more', async () => {
  const ids = await sessions(10);
  const other = new PostgresStateStore({ port: (await database).port });
  const commits = await nextCommits(ids);
  await writeOn(other, ids[1]!, 1);
  await writeOn(other, ids[3]!, 1);
  const outcomes = await Promise.all(ids.map((id, index) => store.commit(id, commits[index]!)));
  for (const [index, outcome] of outcomes.entries()) {
    const lost = index === 1 || index === 3;
    expect(outcome).toMatchObject(lost ? { landed: false, reason: 'stale', head: { version: 2 } } : { landed: true });
  }
  expect(sent.filter(({ name }) => name?.includes('that_fit'))).toHaveLength(1);
});

test('a session alone pays for no batch: one statement a commit', async () => {
  const [id] = await sessions(1);
  let place = await placeOf(store, id!);
  sent = [];
  for (let written = 0; written < 5; written += 1) {
    const commit = ownerCommit(place, {});
    must(await store.commit(id!, commit));
    place = nextPlace(place, commit);
  }
  expect(sent.filter(({ text }) => !text.includes('pg_notify'))).toHaveLength(5);
});

test('a batch is planned as look-ups in the key, on an empty table as well', async () => {
  const empty = await open();
  const tables = tablesOf('helix');
  for (const { text } of [appendCommits(tables, 8), appendThoseThatFit(tables, 8)]) {
    expect(await genericPlan(empty, text)).not.toMatch(/Seq Scan|Hash Join|Merge Join/);
  }
});
