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

it.each(Object.entries(writes))('%s that is under way leaves nothing behind', async (_, { statement, write }) => {
  const store = new PostgresStateStore({ port: database.port });
  const sessionId = await start(store, { holderId: 'holder' });
  await planCall(store, sessionId);
  const removing = Promise.withResolvers<void>();
  const written = Promise.withResolvers<void>();
  // The session is shut out, and its rows are about to be removed.
  const remover = new PostgresStateStore({
    port: before(/remove_session/, async () => {
      removing.resolve();
      await written.promise;
    }),
  });
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
  await untilWaiting();
  await run('commit');
  await removed;
  await transaction.close();
  expect(await rowsOf(sessionId)).toEqual([]);
  must(await store.commit(sessionId, startCommit(sessionId)));
});

it('a removal and a commit that has the lock on the head do not wait for each other', async () => {
  const store = new PostgresStateStore({ port: database.port });
  const sessionId = await start(store, { holderId: 'holder' });
  const session = (await store.load(sessionId))!;
  const transaction = await database.port.session!(() => {});
  const run = (text: string) => transaction.query({ text, values: [], timeoutMs: 5_000 });
  await run('begin');
  await run(`select 1 from helix.sessions where session_id = '${sessionId}' for update`);
  const removed = store.deleteSession(sessionId);
  await untilWaiting();
  const writer = new PostgresStateStore({
    port: { query: (each) => (each.text.includes('insert into') ? transaction : database.port).query(each) },
  });
  must(await writer.commit(sessionId, ownerCommit(session, { run: { op: 'park', on: [] } }, { inbox: 0 })));
  await run('commit');
  await removed;
  await transaction.close();
  expect(await store.load(sessionId)).toBeNull();
});

it('a commit that lands behind the removal, and is still to be removed, is no session and no damage', async () => {
  const store = new PostgresStateStore({ port: database.port });
  const sessionId = await start(store, { holderId: 'holder' });
  const seen: unknown[] = [];
  const remover = new PostgresStateStore({
    port: before(/remove_stragglers/, async () => {
      await database.query(
        `insert into helix.session_log (scope, session_id, version, epoch, token, message_count, body)
        values ('', $1, 2, 1, 'late', 0, '{"v":1,"at":0}')`,
        [sessionId],
      );
      seen.push(await store.load(sessionId), await store.head(sessionId));
    }),
  });
  await remover.deleteSession(sessionId);
  expect(seen).toEqual([null, null]);
  expect(await rowsOf(sessionId)).toEqual([]);
});

async function planCall(store: PostgresStateStore, sessionId: string): Promise<void> {
  const session = (await store.load(sessionId))!;
  const step = { op: 'reply', mode: 'normal', step: 1, attempt: 1, calls: [plannedCall] } as const;
  must(await store.commit(sessionId, ownerCommit(session, { ...textParts('hello'), head: { step } })));
}

/** The port of the database, with something before statements of a name. */
function before(name: RegExp, act: () => Promise<void>): PostgresPort {
  return {
    query: async (statement) => {
      if (name.test(statement.name ?? '')) await act();
      return database.port.query(statement);
    },
  };
}

/** Until the removal has come to the lock that the write holds. */
async function untilWaiting(): Promise<void> {
  for (;;) {
    const [waiting] = await database.query('select 1 from pg_locks where not granted limit 1');
    if (waiting) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function rowsOf(sessionId: string): Promise<string[]> {
  const tables = ['sessions', 'session_log', 'session_runs', 'session_inbox', 'session_calls'];
  const counted = tables.map(async (table) => {
    const rows = await database.query(`select 1 from helix.${table} where session_id = $1`, [sessionId]);
    return rows.map(() => table);
  });
  return (await Promise.all(counted)).flat();
}
