// Would catch: a gap or a double in the log when several processes write one session; a writer that is told another fate than the
// log says; a step or a deletion that costs more while somebody holds an old snapshot of the database
// open.
import { resolvePorts } from '@helix-agents/core';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import {
  nextPlace,
  landed,
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
import { PostgresStateStore } from '../index.ts';

const open = testServer();
let database: TestDatabase;
/** As many processes: nothing is shared but the database. */
let stores: PostgresStateStore[];
beforeAll(async () => {
  database = await open({ max: 60 });
  stores = Array.from({ length: 8 }, () => new PostgresStateStore({ port: database.port }));
});

const tokensOf = async (sessionId: string) => {
  const text = 'select token from helix.session_log where session_id = $1 order by version';
  return (await database.query<{ token: string }>(text, [sessionId])).map(({ token }) => token);
};

test('200 races of 8 writers for the next version: one lands, and the log has no gap', async () => {
  const sessionId = await start(stores[0]!);
  for (let version = 1; version <= 200; version += 1) {
    const place = await placeOf(stores[0]!, sessionId);
    const commits = stores.map(() => ownerCommit(place));
    const outcomes = await Promise.all(stores.map((store, index) => store.commit(sessionId, commits[index]!)));
    expect(landed(outcomes)).toBe(1);
    const winner = commits[outcomes.findIndex((outcome) => outcome.landed === true)]!;
    expect((await tokensOf(sessionId))[version]).toBe(winner.token);
    for (const outcome of outcomes.filter((each) => each.landed !== true)) {
      expect(outcome).toMatchObject({ landed: false, reason: 'stale', head: { version: version + 1 } });
    }
  }
  expect(await tokensOf(sessionId)).toHaveLength(201);
  expect(await stores[7]!.load(sessionId)).toMatchObject({ version: 201, messageCount: 200 });
});

test('200 races of 8 equal tokens: it lands once, and all are told so', async () => {
  const sessionId = await start(stores[0]!);
  for (let version = 1; version <= 200; version += 1) {
    const commit = ownerCommit(await placeOf(stores[0]!, sessionId));
    const outcomes = await Promise.all(stores.map((store) => store.commit(sessionId, commit)));
    for (const outcome of outcomes) expect(outcome).toEqual({ landed: true, version: version + 1, epoch: 1, inbox: 0 });
  }
  expect(await tokensOf(sessionId)).toHaveLength(201);
});

test('50 races of 8 equal parks: it lands once, and all are told so', async () => {
  for (let round = 0; round < 50; round += 1) {
    const sessionId = await start(stores[0]!);
    const place = await placeOf(stores[0]!, sessionId);
    const park = ownerCommit(place, { run: { op: 'park', on: [] } }, { inbox: 0 });
    const outcomes = await Promise.all(stores.map((store) => store.commit(sessionId, park)));
    for (const outcome of outcomes) expect(outcome).toEqual({ landed: true, version: 2, epoch: 1, inbox: 0 });
  }
});

test('100 races of 6 entries that make a session: one lands', async () => {
  for (let round = 0; round < 100; round += 1) {
    const sessionId = newId('session');
    const outcomes = await Promise.all(
      stores.slice(0, 6).map((store) => store.commit(sessionId, startCommit(sessionId))),
    );
    expect(landed(outcomes)).toBe(1);
    expect(await tokensOf(sessionId)).toHaveLength(1);
  }
});

test('100 races of a takeover against a commit: one order or the other, and each knows which', async () => {
  for (let round = 0; round < 100; round += 1) {
    const sessionId = await start(stores[0]!, { holderId: 'gone' });
    const request = { holderId: 'next', runtime: 'js', token: newId('claim') };
    const next = ownerCommit(await placeOf(stores[0]!, sessionId));
    const [reply, claim] = await Promise.all([
      stores[1]!.commit(sessionId, next),
      stores[2]!.claim(sessionId, request),
    ]);
    expect(claim).toMatchObject({ claimed: true, session: { epoch: 2, lastToken: request.token } });
    expect(reply).toMatchObject(reply.landed === true ? { version: 2, epoch: 1 } : { reason: 'fenced' });
    expect(await tokensOf(sessionId)).toHaveLength(reply.landed === true ? 3 : 2);
  }
});

test('a session that is deleted while its owner writes is gone, and its id is free', async () => {
  for (let round = 0; round < 20; round += 1) {
    const sessionId = await start(stores[0]!);
    let place = await placeOf(stores[0]!, sessionId);
    const writes = (async () => {
      for (;;) {
        const commit = ownerCommit(place);
        const outcome = await stores[1]!.commit(sessionId, commit);
        if (outcome.landed !== true) return outcome;
        place = nextPlace(place, commit);
      }
    })();
    await stores[2]!.deleteSession(sessionId);
    expect(await writes).toMatchObject({ landed: false });
    expect(await tokensOf(sessionId)).toEqual([]);
    must(await stores[3]!.commit(sessionId, startCommit(sessionId)));
  }
});

/** A store that does this in place of each of its pauses. */
const storeThatPauses = (sleep: () => Promise<void>) =>
  new PostgresStateStore({ port: database.port, clock: { ...resolvePorts().clock, sleep } });

test('a deletion waits for who may have begun to append before it: their place stays taken, and what they append elsewhere goes, too', async () => {
  const writer = await database.pool.connect();
  const sessionId = await start(stores[0]!);
  await writeOn(stores[0]!, sessionId, 2);
  const append = (version: number) =>
    writer.query(
      `insert into helix.session_log (scope, session_id, version, epoch, token, message_count, body)
      values ('', $1, $2, 1, 'late', 0, '{"v":1,"at":0}') on conflict do nothing`,
      [sessionId, version],
    );
  await writer.query('begin; lock table helix.session_log in row exclusive mode');
  const written: unknown[] = [];
  const sleep = vi.fn<() => Promise<void>>(async () => {
    // On top of what the session was last, and as an owner that another one shut out before.
    for (const version of [4, 3]) written.push((await append(version)).rowCount);
    await writer.query('commit');
  });
  await storeThatPauses(sleep).deleteSession(sessionId);
  writer.release();
  expect(sleep).toHaveBeenCalledOnce();
  expect(written).toEqual([0, 1]);
  expect(await tokensOf(sessionId)).toEqual([]);
});

test.each([
  ['a snapshot, as of a dump', 'begin isolation level repeatable read; select count(*) from helix.session_log'],
  ['a transaction that writes elsewhere', 'begin; create temporary table elsewhere (a int)'],
])('a deletion does not wait for %s', async (_, statements) => {
  const other = await database.pool.connect();
  await other.query(statements);
  const sleep = vi.fn<() => Promise<void>>(async () => {});
  await storeThatPauses(sleep).deleteSession(await start(stores[0]!));
  await other.query('rollback');
  other.release();
  expect(sleep).not.toHaveBeenCalled();
});

test('a commit leaves no dead row behind, however long another transaction stays open', async () => {
  const own = await open();
  // What is noted for lists every five seconds is beside it, and never due here.
  const clock = { ...resolvePorts().clock, after: () => () => {} };
  const store = new PostgresStateStore({ port: own.port, clock });
  const reader = await own.pool.connect();
  onTestFinished(() => reader.release(true));
  await reader.query('begin isolation level repeatable read');
  await reader.query('select 1');
  const sessionId = await start(store);
  const before = await deadRows(own);
  await writeOn(store, sessionId, 100);
  expect(await deadRows(own)).toBe(before);
});

/** Those of all our tables that no vacuum has taken yet. */
async function deadRows(of: TestDatabase): Promise<number> {
  await of.query('create extension if not exists pgstattuple');
  const text = `select sum(dead_tuple_count)::int as n from pg_class, pgstattuple(oid)
    where relnamespace = 'helix'::regnamespace and relkind = 'r'`;
  return (await of.query<{ n: number }>(text))[0]!.n;
}

/** The versions from which a session is loaded: the folded state lies beside them. */
async function storedSnapshots(sessionId: string): Promise<number[]> {
  const text =
    'select version::int from helix.session_log where session_id = $1 and snapshot is not null order by version';
  return (await database.query<{ version: number }>(text, [sessionId])).map(({ version }) => version);
}

test('a long session is loaded from a bounded tail: of 64 versions', async () => {
  const sessionId = await start(stores[0]!);
  await writeOn(stores[0]!, sessionId, 300);
  expect(await storedSnapshots(sessionId)).toEqual([65, 129, 193, 257]);
  expect(await stores[1]!.load(sessionId)).toEqual(await stores[0]!.load(sessionId));
});

test('a session of large patches is loaded from few bytes: of 64 KiB, which are three of these', async () => {
  const sessionId = await start(stores[0]!);
  const state = [{ op: 'add', path: '/text', value: 'x'.repeat(20_000) }] as const;
  await writeOn(stores[0]!, sessionId, 20, () => ({ head: { state } }));
  expect(await storedSnapshots(sessionId)).toEqual([5, 9, 13, 17, 21]);
  expect(await stores[1]!.load(sessionId)).toMatchObject({ state: { text: 'x'.repeat(20_000) } });
});

test('messages are found at any place of a long transcript', async () => {
  const sessionId = await start(stores[0]!);
  await writeOn(stores[0]!, sessionId, 150, (version) => (version % 3 === 0 ? {} : textParts(String(version))));
  const all = await stores[1]!.messagesAfter(sessionId, 0);
  expect(all.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  for (let after = 0; after <= 101; after += 7) {
    expect(await stores[1]!.messagesAfter(sessionId, after, 5)).toEqual(all.slice(after, after + 5));
  }
});

test('a snapshot is never folded onto a session that was deleted, where one was made anew under its id', async () => {
  const [writer, other, reader] = [stores[0]!, stores[1]!, stores[2]!];
  const sessionId = await start(writer);
  const whose = (value: string) => ({ head: { state: [{ op: 'add', path: '/whose', value }] } }) as const;
  await writeOn(writer, sessionId, 1, () => whose('old'));
  await other.deleteSession(sessionId);
  must(await other.commit(sessionId, startCommit(sessionId)));
  await writeOn(other, sessionId, 1, () => whose('new'));
  const next = ownerCommit(await placeOf(other, sessionId), textParts('x'.repeat(70_000)));
  must(await writer.commit(sessionId, next));
  expect(await reader.load(sessionId)).toMatchObject({ version: 3, state: { count: 0, whose: 'new' } });
});

test('sessions of other scopes and schemas are not there', async () => {
  const other = new PostgresStateStore({ port: database.port, scope: 'tenant-2' });
  const sessionId = await start(stores[0]!, { runtime: 'scoped' });
  expect(await other.load(sessionId)).toBeNull();
  expect(await other.deliver(sessionId, { kind: 'message', messageId: 'm', parts: [], at: 1 })).toMatchObject({
    reason: 'no-session',
  });
  expect(await other.claimDue({ holderId: 'h', runtime: 'scoped', agentTypes: ['tester'], limit: 9 })).toEqual([]);
  await other.deleteSession(sessionId);
  must(await other.commit(sessionId, startCommit(sessionId)));
  await writeOn(stores[0]!, sessionId, 1);
  expect(await other.head(sessionId)).toMatchObject({ version: 1 });
});
