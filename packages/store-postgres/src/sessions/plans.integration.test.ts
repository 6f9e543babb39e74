// Would catch: a statement of a commit that the planner answers by reading every session, because another index than the key looks
// as good to it on a table that is still small; a list of sessions that sorts them all.
import { expect, test } from 'vitest';
import { genericPlan } from '../../test/generic-plan.ts';
import { newId, start, writeOn } from '../../test/session-driver.ts';
import { testServer, type TestDatabase } from '../../test/test-database.ts';
import { PostgresStateStore, type PostgresPort, type PostgresStatement } from '../index.ts';

const open = testServer();

/** What a store sends while sessions begin, go on, are written to from outside, are taken over and listed. */
async function statementsOf({ port }: TestDatabase): Promise<Map<string, PostgresStatement>> {
  const sent = new Map<string, PostgresStatement>();
  const kept: PostgresPort = {
    query: (statement) => (sent.set(statement.name ?? statement.text, statement), port.query(statement)),
  };
  const store = new PostgresStateStore({ port: kept });
  const ids = await Promise.all(Array.from({ length: 30 }, () => start(store, { holderId: 'gone' })));
  await Promise.all(ids.map((id) => writeOn(store, id, 1)));
  await writeOn(store, ids[0]!, 2);
  await writeOn(store, ids[1]!, 1, () => ({ run: { op: 'park', on: [] } }));
  await store.deliver(ids[2]!, { kind: 'message', messageId: newId('message'), parts: [], at: 5 });
  const end = { op: 'end', outcome: 'completed', reason: 'reply', endedAt: 7 } as const;
  await writeOn(store, ids[6]!, 1, () => ({ run: end }));
  await store.load(ids[3]!);
  await store.head(ids[3]!);
  await store.claim(ids[4]!, { holderId: 'next', runtime: 'js', token: newId('claim') });
  await store.findEndedRun(ids[5]!, { key: 'message' });
  await store.findEndedRun(ids[5]!, { runId: 'run' });
  await store.listSessions({});
  return sent;
}

test('on tables that are small and unknown, statements about a session look it up by its key', async () => {
  const database = await open();
  const statements = await statementsOf(await open());
  const plans = new Map<string, string>();
  for (const [name, { text }] of statements) plans.set(name, await genericPlan(database, text));
  expect([...plans.keys()]).toEqual(
    expect.arrayContaining([
      'helix.append_commit',
      'helix.boundary_commit',
      'helix.boundary_commit_ends',
      'helix.read_head',
    ]),
  );
  const others = [...plans].filter(
    ([name, plan]) => name !== 'helix.list_sessions' && plan.includes('sessions_recent'),
  );
  expect(others).toEqual([]);
});

test.each(['key', 'id'])('an earlier run is looked up by its %s', async (by) => {
  const database = await open();
  const find = (await statementsOf(database)).get(`helix.find_ended_run_by_${by}`)!;
  expect(await genericPlan(database, find.text)).toContain(`Index Scan using session_runs_by_${by}`);
});

test('the list of sessions is read in the order of its index', async () => {
  const database = await open();
  const list = (await statementsOf(database)).get('helix.list_sessions')!;
  const plan = await genericPlan(database, list.text, { seqScans: false });
  expect(plan).toContain('sessions_recent');
  expect(plan).not.toContain('Sort');
});
