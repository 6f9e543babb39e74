// Would catch: what was on its way while its session was removed, and stays behind: in the way of one that is made anew under its id,
// or part of it.
import { beforeAll, expect, it } from 'vitest';
import type { SessionSnapshot } from '@helix-agents/core';
import { must, newId, ownerCommit, plannedCall, start, startCommit, textParts } from '../../test/session-driver.ts';
import { testServer, type TestDatabase } from '../../test/test-database.ts';
import { PostgresStateStore, type PostgresPort } from '../index.ts';

const open = testServer();
let database: TestDatabase;
beforeAll(async () => {
  database = await open();
});

type Write = (store: PostgresStateStore, session: SessionSnapshot) => Promise<unknown>;

const writes: Record<string, { readonly statement: string; readonly write: Write }> = {
  'a commit that ends the run': {
    statement: 'boundary_commit_ends',
    write: (store, session) =>
      store
        .commit(
          session.sessionId,
          ownerCommit(
            session,
            { run: { op: 'end', outcome: 'completed', reason: 'reply', endedAt: 7 }, ...textParts('bye') },
            { inbox: 0 },
          ),
        )
        .then(must),
  },
  'a message': {
    statement: 'deliver_item',
    write: (store, { sessionId }) =>
      store.deliver(sessionId, { kind: 'message', messageId: newId('message'), parts: [], at: 5 }),
  },
  'a claim of a call': {
    statement: 'send_calls',
    write: (store, { sessionId, epoch, run }) => store.claimCalls(sessionId, { epoch, runId: run!.runId }, ['c']),
  },
};

it.each(Object.entries(writes))(
  '%s that is under way while its session is removed is no part of one that is made anew at once',
  async (_, { statement, write }) => {
    const store = new PostgresStateStore({ port: database.port });
    const sessionId = await start(store, { holderId: 'holder' });
    await planCall(store, sessionId);
    const removing = Promise.withResolvers<void>();
    const written = Promise.withResolvers<void>();
    const aboutToRemove = before(/remove_session/, async () => {
      removing.resolve();
      await written.promise;
    });
    const makeAnew = () => store.commit(sessionId, startCommit(sessionId)).then(must);
    const remover = new PostgresStateStore({ port: before(/remove_stragglers/, makeAnew, aboutToRemove) });
    const removed = remover.deleteSession(sessionId);
    await removing.promise;
    const transaction = await database.port.session!(() => {});
    const run = (text: string) => transaction.query({ text, values: [], timeoutMs: 5_000 });
    await run('begin');
    const writer = new PostgresStateStore({
      port: { query: (each) => (each.name?.endsWith(statement) ? transaction : database.port).query(each) },
    });
    await write(writer, (await store.load(sessionId))!);
    written.resolve();
    await database.untilWaiting();
    await run('commit');
    await removed;
    await transaction.close();
    expect(await rowsOf(sessionId)).toEqual(['sessions', 'session_log']);
    expect(await store.load(sessionId)).toMatchObject({ version: 1, inbox: 0 });
  },
);

it('a removal and a commit that has the lock on the head do not wait for each other', async () => {
  const store = new PostgresStateStore({ port: database.port });
  const sessionId = await start(store, { holderId: 'holder' });
  const session = (await store.load(sessionId))!;
  const transaction = await database.port.session!(() => {});
  const run = (text: string) => transaction.query({ text, values: [], timeoutMs: 5_000 });
  await run('begin');
  await run(`select 1 from helix.sessions where session_id = '${sessionId}' for update`);
  const removed = store.deleteSession(sessionId);
  await database.untilWaiting();
  const writer = new PostgresStateStore({
    port: { query: (each) => (each.text.includes('insert into') ? transaction : database.port).query(each) },
  });
  must(await writer.commit(sessionId, ownerCommit(session, { run: { op: 'park', on: [] } }, { inbox: 0 })));
  await run('commit');
  await removed;
  await transaction.close();
  expect(await store.load(sessionId)).toBeNull();
});

it('what is left while a session is being removed is no session and no damage', async () => {
  const store = new PostgresStateStore({ port: database.port });
  const sessionId = await start(store, { holderId: 'holder' });
  const seen: unknown[] = [];
  const remover = new PostgresStateStore({
    port: before(/remove_stragglers/, async () => {
      seen.push(await store.load(sessionId), await store.head(sessionId), await store.messagesAfter(sessionId, 0));
    }),
  });
  await remover.deleteSession(sessionId);
  expect(seen).toEqual([null, null, []]);
  expect(await rowsOf(sessionId)).toEqual([]);
});

it('a commit that is under way while its session is removed and made anew is no part of the new one', async () => {
  const own = await open();
  // Between what the statement reads and what it writes.
  await own.query(`create function helix.late() returns trigger language plpgsql as
    $$ begin if new.messages::text like '%late%' then perform pg_advisory_xact_lock(1); end if; return new; end $$`);
  await own.query('create trigger late before insert on helix.session_log for each row execute function helix.late()');
  const held = await own.pool.connect();
  await held.query('select pg_advisory_lock(1)');
  const store = new PostgresStateStore({ port: own.port });
  const sessionId = await start(store, { holderId: 'holder' });
  const late = store.commit(sessionId, ownerCommit((await store.load(sessionId))!, textParts('late')));
  await own.untilWaiting();
  const [removing, making] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const removed = new PostgresStateStore({ port: after(own, /remove_session/, removing.resolve) }).deleteSession(
    sessionId,
  );
  await removing.promise;
  const made = new PostgresStateStore({ port: after(own, /create_session/, making.resolve) })
    .commit(sessionId, startCommit(sessionId))
    .then(must);
  await making.promise;
  await held.query('select pg_advisory_unlock(1)');
  held.release();
  await Promise.all([made, removed]);
  expect(await late).toMatchObject({ landed: false, reason: 'stale' });
  expect(await store.load(sessionId)).toMatchObject({ version: 1 });
});

it('a removal whose process died in the middle is finished by who makes the session anew, or deletes it again', async () => {
  const store = new PostgresStateStore({ port: database.port });
  const dying = new PostgresStateStore({ port: before(/remove_stragglers/, () => Promise.reject(new Error('died'))) });
  const [one, other] = [await start(store), await start(store)];
  for (const sessionId of [one, other]) {
    await expect(dying.deleteSession(sessionId)).rejects.toThrow('died');
    expect(await store.load(sessionId)).toBeNull();
  }
  must(await store.commit(one, startCommit(one)));
  expect(await rowsOf(one)).toEqual(['sessions', 'session_log']);
  expect(await store.deleteSession(other)).toBeNull();
  expect(await rowsOf(other)).toEqual([]);
});

it('removals of one session at the same time, while it is made anew again and again, leave whole sessions or none', async () => {
  const stores = Array.from({ length: 4 }, () => new PostgresStateStore({ port: { ...database.port } }));
  const sessionId = newId('session');
  for (let round = 0; round < 25; round += 1) {
    const made = stores.map((store) => store.commit(sessionId, startCommit(sessionId)));
    const removed = stores.map((store) => store.deleteSession(sessionId));
    await Promise.all([...made, ...removed]);
    const log = await database.query('select version from helix.session_log where session_id = $1', [sessionId]);
    const head = await stores[0]!.head(sessionId);
    expect(log).toEqual(head ? [{ version: 1 }] : []);
  }
});

async function planCall(store: PostgresStateStore, sessionId: string): Promise<void> {
  const session = (await store.load(sessionId))!;
  const step = { op: 'reply', mode: 'normal', step: 1, attempt: 1, calls: [plannedCall] } as const;
  must(await store.commit(sessionId, ownerCommit(session, { ...textParts('hello'), head: { step } })));
}

/** The port of the database, with something before statements of a name. */
function before(name: RegExp, act: () => Promise<unknown>, port: PostgresPort = database.port): PostgresPort {
  return {
    query: async (statement) => {
      if (name.test(statement.name ?? '')) await act();
      return port.query(statement);
    },
  };
}

/** The port of a database, with something after the answer to statements of a name. */
function after(of: TestDatabase, name: RegExp, act: () => void): PostgresPort {
  return {
    query: async (statement) => {
      const answer = await of.port.query(statement);
      if (name.test(statement.name ?? '')) act();
      return answer;
    },
  };
}

async function rowsOf(sessionId: string): Promise<string[]> {
  const tables = ['sessions', 'session_log', 'session_runs', 'session_inbox', 'session_calls'];
  const counted = tables.map(async (table) => {
    const rows = await database.query(`select 1 from helix.${table} where session_id = $1`, [sessionId]);
    return rows.map(() => table);
  });
  return (await Promise.all(counted)).flat();
}
