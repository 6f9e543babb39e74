// Would catch: a batch of claimed sessions that nobody drives because one of them cannot be read; a session that stays with the
// holder who could not read it, or that is tried again without a pause.
import { expect, test } from 'vitest';
import { start } from '../../test/session-driver.ts';
import { testServer, type TestDatabase } from '../../test/test-database.ts';
import { createPgAdapter, PostgresStateStore, type PostgresPort } from '../index.ts';

const open = testServer();
const request = { holderId: 'next', runtime: 'js', agentTypes: ['tester'], limit: 10 };

/** A session in which a later release wrote. */
const spoil = (database: TestDatabase, sessionId: string) =>
  database.query(
    `update helix.session_log set body = jsonb_set(body::jsonb, '{v}', '9')::json where session_id = $1 and version = 1`,
    [sessionId],
  );

async function openOrphans() {
  const database = await open();
  const store = new PostgresStateStore({ port: database.port, poll: true });
  const orphans = [];
  for (let index = 0; index < 3; index += 1) orphans.push(await start(store, { holderId: 'gone' }));
  const [bad = '', ...healthy] = orphans;
  await store.openHolder({ holderId: 'next', leaseMs: 300_000 });
  return { database, store, bad, healthy };
}

async function dueAt(database: TestDatabase, sessionId: string): Promise<number | undefined> {
  const [row] = await database.query<{ at: number }>(
    `select wake_at::float8 as at from helix.sessions where session_id = $1`,
    [sessionId],
  );
  return row?.at;
}

const claimedBy = async (store: PostgresStateStore) =>
  (await store.claimDue(request)).map(({ sessionId }) => sessionId).toSorted();

test('a session that cannot be read keeps none of its neighbours, is owned by nobody and due in a minute', async () => {
  const { database, bad, healthy } = await openOrphans();
  await spoil(database, bad);
  // Another process: it knows no snapshot.
  const store = new PostgresStateStore({ port: database.port, poll: true });
  expect(await claimedBy(store)).toEqual(healthy.toSorted());
  const head = await database.query(`select holder_id from helix.sessions where session_id = $1`, [bad]);
  expect(head).toEqual([{ holder_id: null }]);
  expect(await dueAt(database, bad)).toBeGreaterThan(Date.now() + 50_000);
  expect(await claimedBy(store)).toEqual([]);
  await database.query(
    `update helix.session_log set body = jsonb_set(body::jsonb, '{v}', '1')::json where version = 1`,
  );
  await database.advance(60_000);
  expect(await store.claimDue(request)).toMatchObject([{ sessionId: bad, epoch: 3, run: { takeovers: 1 } }]);
});

test('a session whose read was lost is due again within seconds', async () => {
  const { database, bad, healthy } = await openOrphans();
  const inner = createPgAdapter(database.pool);
  const port: PostgresPort = {
    query: async (statement) => {
      if (statement.name === 'helix.load_session' && statement.values.includes(bad)) throw new Error('connection lost');
      return inner.query(statement);
    },
  };
  const store = new PostgresStateStore({ port });
  expect(await claimedBy(store)).toEqual(healthy.toSorted());
  expect(await dueAt(database, bad)).toBeLessThan(Date.now() + 5_000);
  await database.advance(1_000);
  const other = new PostgresStateStore({ port: database.port, poll: true });
  expect(await claimedBy(other)).toEqual([bad]);
});

test('what was claimed by a request that was given up is in the list of what its holder owns', async () => {
  const { database, bad, healthy } = await openOrphans();
  const inner = createPgAdapter(database.pool);
  const port: PostgresPort = {
    query: async (statement) => {
      if (statement.name === 'helix.claimed_with') throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
      return inner.query(statement);
    },
  };
  const store = new PostgresStateStore({ port, commitTimeoutMs: 50 });
  await expect(store.claimDue(request)).rejects.toMatchObject({ code: 'state_store_unavailable' });
  const held = await store.listHeld(request.holderId);
  expect(held.map(({ sessionId }) => sessionId).toSorted()).toEqual([bad, ...healthy].toSorted());
});

test('a claim that is repeated, because its answer was lost, takes nothing from its own holder, whose lease ended with the connection', async () => {
  const { database, bad, healthy } = await openOrphans();
  const inner = createPgAdapter(database.pool);
  let cut = true;
  const port: PostgresPort = {
    query: async (statement) => {
      const answer = await inner.query(statement);
      if (!cut || statement.name !== 'helix.claim_due') return answer;
      cut = false;
      await database.advance(400_000);
      throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    },
  };
  const claimed = await new PostgresStateStore({ port }).claimDue(request);
  expect(claimed.map(({ sessionId }) => sessionId).toSorted()).toEqual([bad, ...healthy].toSorted());
  for (const session of claimed) expect(session).toMatchObject({ epoch: 2, run: { takeovers: 1 } });
});
