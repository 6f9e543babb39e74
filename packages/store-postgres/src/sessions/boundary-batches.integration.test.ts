// Would catch: a session that begins, parks or ends otherwise in a batch than alone; one that takes those beside it along; two
// processes whose batches wait for each other.
import { beforeAll, expect, test } from 'vitest';
import type { CommitOutcome, RunChange, SessionCommit } from '@helix-agents/core';
import { genericPlan } from '../../test/generic-plan.ts';
import { landed, must, newId, ownerCommit, placeOf, startCommit, textParts } from '../../test/session-driver.ts';
import { testServer, type TestDatabase } from '../../test/test-database.ts';
import { tablesOf } from '../database/tables.ts';
import { PostgresStateStore, type PostgresPort, type PostgresStatement } from '../index.ts';
import { boundaryCommits } from './sql/boundary-commits.ts';
import { createSession } from './sql/create-session.ts';
import { createSessions } from './sql/create-sessions.ts';

const open = testServer();
let database: TestDatabase;
let store: PostgresStateStore;
let sent: PostgresStatement[] = [];
beforeAll(async () => {
  database = await open({ max: 20 });
  const { port } = database;
  const counted: PostgresPort = { query: (statement) => (sent.push(statement), port.query(statement)) };
  store = new PostgresStateStore({ port: counted });
});

const newIds = (count: number) => Array.from({ length: count }, () => newId('session'));
const end: RunChange = { op: 'end', outcome: 'completed', reason: 'reply', endedAt: 7 };
const park: RunChange = { op: 'park', on: [] };

/** Sessions that run, each with a message that nobody read. */
async function running(count: number): Promise<string[]> {
  const ids = newIds(count);
  await Promise.all(ids.map((id) => store.commit(id, startCommit(id, { holderId: 'holder' })).then(must)));
  return ids;
}

async function boundaries(ids: readonly string[], run: RunChange): Promise<SessionCommit[]> {
  const places = await Promise.all(ids.map((id) => placeOf(store, id)));
  sent = [];
  return places.map((place) => ownerCommit(place, { run, ...textParts('bye') }, { inbox: 0 }));
}

/** All that the tables say of a session, but its names and the token. */
async function rowsOf(sessionId: string): Promise<string> {
  const tables = ['sessions', 'session_log', 'session_runs', 'session_calls'];
  const read = (table: string) =>
    database.query(`select to_jsonb(t) - 'token' as row from helix.${table} t where session_id = $1 order by 1`, [
      sessionId,
    ]);
  return JSON.stringify(await Promise.all(tables.map(read)))
    .replaceAll(sessionId, 'SESSION')
    .replaceAll(/"id": ?"[^"]*"/g, '"id":"ID"');
}

const written = () => sent.filter(({ text }) => text.includes('insert into')).length;

test('50 sessions begin in few statements, each as it would alone', async () => {
  const [alone, ...ids] = newIds(51);
  must(await store.commit(alone!, startCommit(alone!, { holderId: 'holder' })));
  sent = [];
  const outcomes = await Promise.all(ids.map((id) => store.commit(id, startCommit(id, { holderId: 'holder' }))));
  for (const outcome of outcomes) expect(outcome).toEqual({ landed: true, version: 1, epoch: 1, inbox: 0 });
  expect(written()).toBeLessThan(ids.length / 4);
  const expected = await rowsOf(alone!);
  for (const id of ids) expect(await rowsOf(id)).toBe(expected);
});

test.each([
  ['park', park],
  ['end', end],
])('50 sessions %s in few statements, each as it would alone', async (_, run) => {
  const ids = await running(51);
  const [alone, ...others] = await boundaries(ids, run);
  must(await store.commit(ids[0]!, alone!));
  sent = [];
  const outcomes = await Promise.all(others.map((commit, index) => store.commit(ids[index + 1]!, commit)));
  for (const outcome of outcomes) expect(outcome).toEqual({ landed: true, version: 2, epoch: 1, inbox: 0 });
  expect(written()).toBeLessThan(others.length / 4);
  const expected = await rowsOf(ids[0]!);
  for (const id of ids) expect(await rowsOf(id)).toBe(expected);
});

test('some sessions of a batch end, others park, others begin their next turn', async () => {
  const ids = await running(12);
  const ended = await boundaries(ids.slice(0, 6), end);
  await Promise.all(ended.map((commit, index) => store.commit(ids[index]!, commit).then(must)));
  const next = ids.slice(0, 6).map((id): SessionCommit => {
    const { head: _, run, ...first } = startCommit(id);
    return {
      ...first,
      token: newId('token'),
      fence: { as: 'entry', expectRunId: `run-${id}`, version: 2, inbox: 0 },
      run: { ...(run as Extract<RunChange, { op: 'start' }>), runId: `next-${id}`, turn: 2 },
    };
  });
  const others = [...(await boundaries(ids.slice(6, 9), end)), ...(await boundaries(ids.slice(9), park))];
  const outcomes = await Promise.all([...next, ...others].map((commit, index) => store.commit(ids[index]!, commit)));
  expect(landed(outcomes)).toBe(12);
  const states = await Promise.all(ids.map((id) => store.load(id)));
  expect(states.map((state) => `${state!.run!.turn} ${state!.run!.phase.at} ${state!.epoch}`)).toEqual([
    ...Array.from({ length: 6 }, () => '2 queued 2'),
    ...Array.from({ length: 3 }, () => '1 ended 1'),
    ...Array.from({ length: 3 }, () => '1 parked 1'),
  ]);
  expect((await store.listRuns(ids[0]!)).map(({ turn }) => turn)).toEqual([1, 2]);
});

test('what is there already, stale, fenced, or was written to meanwhile is refused alone', async () => {
  const ids = await running(10);
  const commits = await boundaries(ids, end);
  const { lastToken } = await placeOf(store, ids[1]!);
  commits[1] = ownerCommit({ epoch: 1, version: 5, lastToken }, { run: end }, { inbox: 0 });
  commits[3] = ownerCommit({ epoch: 9, version: 1, lastToken }, { run: end }, { inbox: 0 });
  await store.deliver(ids[5]!, { kind: 'message', messageId: newId('message'), parts: [], at: 5 });
  commits[7] = startCommit(ids[7]!);
  const fresh = newIds(3);
  const entries = [...fresh, ids[8]!].map((id) => store.commit(id, startCommit(id)));
  const outcomes = await Promise.all(ids.map((id, index) => store.commit(id, commits[index]!)));
  expect(outcomes[1]).toMatchObject({ landed: false, reason: 'stale' });
  expect(outcomes[3]).toMatchObject({ landed: false, reason: 'fenced' });
  expect(outcomes[5]).toMatchObject({ landed: false, reason: 'inbox-moved' });
  expect(outcomes[7]).toMatchObject({ landed: false, reason: 'stale' });
  outcomes.forEach((outcome, index) => [1, 3, 5, 7].includes(index) || must(outcome));
  expect((await Promise.all(entries)).map((outcome) => outcome.landed)).toEqual([true, true, true, false]);
});

test('a poisoned one fails alone', async () => {
  const fresh = newIds(9);
  const begin = fresh.map((id, index) => ({ ...startCommit(id), ...(index === 4 && { token: 'NUL \u0000' }) }));
  const begun = await Promise.allSettled(fresh.map((id, index) => store.commit(id, begin[index]!)));
  expect(begun.map(({ status }) => status)).toEqual(fresh.map((_, index) => (index === 4 ? 'rejected' : 'fulfilled')));
  const ids = await running(9);
  const commits = await boundaries(ids, end);
  commits[4] = { ...commits[4]!, token: 'NUL \u0000' };
  const ended = await Promise.allSettled(ids.map((id, index) => store.commit(id, commits[index]!)));
  expect(ended.map(({ status }) => status)).toEqual(ids.map((_, index) => (index === 4 ? 'rejected' : 'fulfilled')));
});

test('a session whose head somebody has locked keeps none waiting beside it, and lands when it is free', async () => {
  const ids = await running(10);
  const commits = await boundaries(ids, end);
  const locked = await database.port.session!(() => {});
  await locked.query({ text: 'begin', values: [], timeoutMs: 5_000 });
  const lock = 'select 1 from helix.sessions where session_id = $1 for update';
  await locked.query({ text: lock, values: [ids[2]], timeoutMs: 5_000 });
  const landing = ids.map((id, index) => store.commit(id, commits[index]!).then(must));
  await Promise.all(landing.filter((_, index) => index !== 2));
  expect(await store.head(ids[2]!)).toMatchObject({ version: 1 });
  await locked.query({ text: 'commit', values: [], timeoutMs: 5_000 });
  expect(await landing[2]).toMatchObject({ landed: true, version: 2 });
  await locked.close();
});

test('a session whose head is never free, since the next who locks it waits already, is not overtaken for ever', async () => {
  const [id] = await running(1);
  const [commit] = await boundaries([id!], park);
  const statement = (text: string, values: unknown[] = []) => ({ text, values, timeoutMs: 5_000 });
  const lock = 'select 1 from helix.sessions where session_id = $1 for update';
  const sessions = await Promise.all([1, 2].map(() => database.port.session!(() => {})));
  const begin = async (who: number) => {
    await sessions[who]!.query(statement('begin'));
    await sessions[who]!.query(statement(lock, [id]));
  };
  await begin(0);
  let outcome: CommitOutcome | undefined;
  const landing = store.commit(id!, commit!).then((known) => (outcome = known));
  for (let handovers = 0; handovers < 30; handovers += 1) {
    const next = begin((handovers + 1) % 2);
    await new Promise((resolve) => setTimeout(resolve, 30));
    await sessions[handovers % 2]!.query(statement('commit'));
    await next;
  }
  const before = outcome;
  await Promise.all([landing, ...sessions.map((session) => session.close())]);
  expect(before).toMatchObject({ landed: true, version: 2 });
});

test('20 races of three processes that begin and end the same 30 sessions at once: each begins and ends once', async () => {
  const processes = Array.from({ length: 3 }, () => new PostgresStateStore({ port: database.port }));
  for (let round = 0; round < 20; round += 1) {
    const ids = newIds(30);
    const shuffled = processes.map((_, shift) => [...ids.slice(shift * 10), ...ids.slice(0, shift * 10)]);
    const raced = async (commitOf: (id: string) => SessionCommit) => {
      const outcomes = await Promise.all(
        processes.flatMap((each, index) => shuffled[index]!.map((id) => each.commit(id, commitOf(id)))),
      );
      expect(landed(outcomes)).toBe(30);
    };
    await raced((id) => startCommit(id));
    const places = new Map(await Promise.all(ids.map(async (id) => [id, await placeOf(store, id)] as const)));
    await raced((id) => ownerCommit(places.get(id)!, { run: end }, { inbox: 0 }));
  }
});

test('a first commit, and a batch, look their sessions up by their key, planned on empty tables as well', async () => {
  const empty = await open();
  const tables = tablesOf('helix');
  const statements = [
    createSession(tables),
    createSessions(tables, 8),
    ...[true, false].flatMap((ends) =>
      [true, false].map((begins) => boundaryCommits(tables, { ends, begins, size: 8 })),
    ),
  ];
  for (const { text } of statements) {
    expect(await genericPlan(empty, text)).not.toMatch(/Seq Scan on session/);
  }
});
