// Would catch: a claim of many sessions and the commits of their former owner that wait for each other.
import { beforeAll, expect, it } from 'vitest';
import { must, newId, ownerCommit, placeOf, start } from '../../test/session-driver.ts';
import { testServer, type TestDatabase } from '../../test/test-database.ts';
import { PostgresStateStore, type PostgresPort, type PostgresStatement } from '../index.ts';

const open = testServer();
let database: TestDatabase;
beforeAll(async () => {
  database = await open();
});

it('what is due is claimed in the order in which a former owner writes, whichever waits longest', async () => {
  const failures: unknown[] = [];
  const told = (on: Pick<PostgresPort, 'query'>, statement: PostgresStatement) =>
    on.query(statement).catch((error: unknown) => {
      failures.push(error);
      throw error;
    });
  const store = new PostgresStateStore({ port: { query: (each) => told(database.port, each) } });
  const [first, second] = [await start(store), await start(store)];
  const places = await Promise.all([first, second].map((id) => placeOf(store, id)));
  await database.query('update helix.sessions set wake_at = case session_id when $1 then 2 else 1 end', [first]);
  const transaction = await database.port.session!(() => {});
  const owner = new PostgresStateStore({
    port: { query: (each) => told(each.text.includes('insert into') ? transaction : database.port, each) },
  });
  await transaction.query({ text: 'begin', values: [], timeoutMs: 5_000 });
  must(await owner.commit(first, ownerCommit(places[0]!)));
  const claimed = store.claimDue({ holderId: newId('holder'), runtime: 'js', agentTypes: ['tester'], limit: 2 });
  // The claim has come to a row that the owner is about to write.
  await database.untilWaiting();
  must(await owner.commit(second, ownerCommit(places[1]!)));
  await transaction.query({ text: 'commit', values: [], timeoutMs: 5_000 });
  await claimed;
  await transaction.close();
  expect(failures).toEqual([]);
});
