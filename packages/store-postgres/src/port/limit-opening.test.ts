// Would catch: a pool that connections over a dead network fill for ever; an application whose own statements get time limits that
// it never asked for because it shares its pool with us.
import { EventEmitter, once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import pg from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
import { createPgAdapter } from './pg-adapter.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const end of ends.splice(0)) end();
});

/** A pool of a server that takes connections and says nothing. */
async function silentPool(options: pg.PoolConfig) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const pool = new pg.Pool({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, user: 'x', ...options });
  return { pool, port: createPgAdapter(pool) };
}

const fakeTimeouts = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
const select = { text: 'select 1', values: [] };

test('connections that do not open leave the pool after 10 s, also those that the application asked for', async () => {
  fakeTimeouts();
  const { pool } = await silentPool({ max: 2 });
  const own = Promise.allSettled([pool.query('select 1'), pool.query('select 1')]);
  expect(pool.totalCount).toBe(2);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await own).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  expect(pool.totalCount).toBe(0);
});

test('where the application wants no limit its connections have none, and our statements do not wait for ever', async () => {
  fakeTimeouts();
  const { pool, port } = await silentPool({ max: 1, connectionTimeoutMillis: 0 });
  const [ended, ownEnded] = [vi.fn<(error: Error) => void>(), vi.fn<() => void>()];
  pool.query('select 1').catch(ownEnded);
  port.query(select).catch(ended);
  await nextTurn();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ended).toHaveBeenCalledWith(expect.objectContaining({ message: 'no connection in 10000 ms' }));
  expect(ownEnded).not.toHaveBeenCalled();
  expect(pool.totalCount).toBe(1);
});

/** A pool whose connections open at once and tell what they were made with. */
function openPool(options: pg.PoolConfig) {
  const configs: pg.ClientConfig[] = [];
  class Client extends EventEmitter {
    readonly _queryable = true;
    constructor(config: pg.ClientConfig) {
      super();
      configs.push(config);
    }
    connect = (done: () => void) => done();
    query(...[, , done]: [string, undefined, (error: undefined, result: object) => void]) {
      done(undefined, { rows: [] });
    }
    end = () => {};
  }
  const pool = new pg.Pool({ ...options, Client: Client as never });
  return { pool, configs };
}

test('what the application itself waits for in the queue of the pool has no limit of ours', async () => {
  fakeTimeouts();
  const { pool } = openPool({ max: 1 });
  createPgAdapter(pool);
  const client = await pool.connect();
  const waiting = pool.query('select 1');
  await vi.advanceTimersByTimeAsync(3_600_000);
  client.release();
  await expect(waiting).resolves.toEqual({ rows: [] });
  expect(pool.options.connectionTimeoutMillis).toBeUndefined();
});

test('a connection is made with all that the pool was given, its password too, however many stores share it', async () => {
  const { pool, configs } = openPool({ host: 'here', password: 'secret' });
  createPgAdapter(pool);
  const made = (pool as { Client?: unknown }).Client;
  createPgAdapter(pool);
  await pool.connect();
  expect((pool as { Client?: unknown }).Client).toBe(made);
  const [config] = configs;
  expect(config).toMatchObject({ host: 'here', connectionTimeoutMillis: 10_000 });
  expect(config?.password).toBe('secret');
  expect(Object.keys(config ?? {})).not.toContain('password');
});

test.each([0, 500])('a limit of %i ms of the application stays', async (connectionTimeoutMillis) => {
  const { pool, configs } = openPool({ connectionTimeoutMillis });
  createPgAdapter(pool);
  await pool.connect();
  expect(configs).toMatchObject([{ connectionTimeoutMillis }]);
  expect(pool.options.connectionTimeoutMillis).toBe(connectionTimeoutMillis);
});
