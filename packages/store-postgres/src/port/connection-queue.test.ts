// Would catch: a connection that is fetched and given back for each of the commits that one turn writes; an application whose own
// queries wait for as long as sessions run; a pool that was ended and is taken for an outage that may pass.
import pg from 'pg';
import { expect, test, vi } from 'vitest';
import { startCommit } from '../../test/session-driver.ts';
import { PostgresStateStore } from '../postgres-state-store.ts';
import { createPgAdapter } from './pg-adapter.ts';
import type { PgClient, PgPool } from './pg-pool.ts';

const select = { text: 'select 1', values: [] };

function onePool(waitingCount = 0) {
  const release = vi.fn<PgClient['release']>();
  const client: PgClient = { query: async () => ({ rows: [] }), on: () => {}, release };
  const pool = { connect: vi.fn<PgPool['connect']>(async () => client), on: () => {}, waitingCount };
  return { pool, release, port: createPgAdapter(pool) };
}

test('statements that follow each other in one turn share a connection, which goes back at its end', async () => {
  const { pool, port, release } = onePool();
  for (let sent = 0; sent < 5; sent += 1) await port.query(select);
  expect({ asked: pool.connect.mock.calls.length, released: release.mock.calls.length }).toEqual({
    asked: 1,
    released: 0,
  });
  await new Promise<void>((resolve) => process.nextTick(resolve));
  expect(release).toHaveBeenCalledExactlyOnceWith();
  await port.query(select);
  expect(pool.connect).toHaveBeenCalledTimes(2);
});

test('two statements at once have a connection each', async () => {
  const { pool, port, release } = onePool();
  await Promise.all([port.query(select), port.query(select)]);
  await new Promise<void>((resolve) => process.nextTick(resolve));
  expect({ asked: pool.connect.mock.calls.length, released: release.mock.calls.length }).toEqual({
    asked: 2,
    released: 2,
  });
});

test('a connection that the application waits for is not kept', async () => {
  const { pool, port, release } = onePool(1);
  await port.query(select);
  expect(release).toHaveBeenCalledExactlyOnceWith();
  await port.query(select);
  expect(pool.connect).toHaveBeenCalledTimes(2);
});

test('a connection that another statement of ours waits for is not kept', async () => {
  const { pool, port } = onePool();
  const asked: PromiseWithResolvers<PgClient>[] = [];
  const release = vi.fn<PgClient['release']>();
  const client: PgClient = { query: async () => ({ rows: [] }), on: () => {}, release };
  pool.connect.mockImplementation(() => {
    asked.push(Promise.withResolvers());
    return asked.at(-1)!.promise;
  });
  const all = Array.from({ length: 12 }, () => port.query(select));
  expect(asked).toHaveLength(10);
  asked[0]!.resolve(client);
  await all[0];
  expect(release).toHaveBeenCalledExactlyOnceWith();
});

test('a pool that was ended is told as such, at once and for good', async () => {
  const pool = new pg.Pool();
  const store = new PostgresStateStore({ port: createPgAdapter(pool) });
  await pool.end();
  const refusal = { code: 'state_store_unavailable', retryable: false, message: expect.stringContaining('was ended') };
  await expect(store.load('session')).rejects.toMatchObject(refusal);
  await expect(store.commit('session', startCommit('session'))).rejects.toMatchObject(refusal);
  await expect(store.openHolder({ holderId: 'holder', leaseMs: 30_000 })).rejects.toMatchObject(refusal);
});
