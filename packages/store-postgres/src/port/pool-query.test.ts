// Would catch: statements that fail, and healthy connections that are closed, only because many wait for few connections; a
// statement that waits for ever for a connection; a timer for each statement that does not wait.
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
import { createPgAdapter } from './pg-adapter.ts';
import type { PgClient, PgPool } from './pg-pool.ts';

afterEach(() => vi.useRealTimers());

const select = { text: 'select 1', values: [] };

/** A pool of pg over connections that answer after this long, one statement at a time. */
function slowPool(answerMs: number, options: pg.PoolConfig) {
  let opened = 0;
  class Client extends EventEmitter {
    readonly _queryable = true;
    connect(done: () => void) {
      opened += 1;
      setTimeout(done, 5);
    }
    query = () => sleep(answerMs, { rows: [] });
    end(done: () => void) {
      done();
    }
  }
  const pool = new pg.Pool({ ...options, Client: Client as never });
  return { pool, port: createPgAdapter(pool), opened: () => opened };
}

test('many statements on few connections wait longer than one may take, and none fails', async () => {
  const { port, opened } = slowPool(30, { max: 4 });
  // 480 ms in all.
  const all = Array.from({ length: 64 }, () => port.query({ ...select, timeoutMs: 200 }));
  const ends = await Promise.allSettled(all);
  expect(ends.filter(({ status }) => status === 'rejected')).toEqual([]);
  expect(opened()).toBe(4);
});

test('a connection whose statement had all its time is closed, and those who wait get another', async () => {
  const { pool, port, opened } = slowPool(60, { max: 1 });
  const slow = port.query({ ...select, timeoutMs: 20 });
  const next = port.query({ ...select, timeoutMs: 2_000 });
  await expect(slow).rejects.toThrow('no answer in 20 ms');
  await expect(next).resolves.toEqual({ rows: [] });
  expect({ opened: opened(), kept: pool.totalCount }).toEqual({ opened: 2, kept: 1 });
});

/** Gives no connection before it is told to. */
function emptyPool(options?: PgPool['options']) {
  const late = Promise.withResolvers<PgClient>();
  const release = vi.fn<PgClient['release']>();
  const pool: PgPool = { connect: () => late.promise, on: () => {}, ...(options && { options }) };
  const client: PgClient = { query: () => new Promise(() => {}), on: () => {}, release };
  return { port: createPgAdapter(pool), release, give: () => late.resolve(client) };
}

test.each([
  ['the limit of the pool', 30, 30],
  ['10 s where it has none', undefined, 10_000],
  ['10 s where it has none by choice', 0, 10_000],
])('a statement waits for a connection for %s', async (_, connectionTimeoutMillis, waitMs) => {
  const { port, release, give } = emptyPool({ connectionTimeoutMillis });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate'] });
  const ended = vi.fn<(error: Error) => void>();
  port.query({ ...select, timeoutMs: 20 }).catch(ended);
  await vi.advanceTimersByTimeAsync(waitMs - 1);
  expect(ended).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(ended).toHaveBeenCalledWith(expect.objectContaining({ message: `no connection in ${waitMs} ms` }));
  give();
  await expect.poll(() => release).toHaveBeenCalledExactlyOnceWith();
});

test('a connection that comes as it is needed costs no timer of its own', async () => {
  const client: PgClient = { query: async () => ({ rows: [] }), on: () => {}, release: () => {} };
  const port = createPgAdapter({ connect: async () => client, on: () => {} });
  const timer = vi.spyOn(globalThis, 'setTimeout');
  await port.query({ ...select, timeoutMs: 500 });
  const timers = timer.mock.calls.map(([, ms]) => ms);
  timer.mockRestore();
  expect(timers).toEqual([500]);
});

test('who gives up stands in no queue: the pool is asked for no more at a time than it has', async () => {
  const asked: PromiseWithResolvers<PgClient>[] = [];
  const connect = () => {
    const one = Promise.withResolvers<PgClient>();
    asked.push(one);
    return one.promise;
  };
  const port = createPgAdapter({ connect, on: () => {}, options: { max: 3, connectionTimeoutMillis: 20 } });
  const ends = await Promise.allSettled(Array.from({ length: 50 }, () => port.query({ ...select, timeoutMs: 20 })));
  expect(ends.every(({ status }) => status === 'rejected')).toBe(true);
  expect(asked).toHaveLength(3);
  const release = vi.fn<PgClient['release']>();
  const client: PgClient = { query: async () => ({ rows: [7] }), on: () => {}, release };
  for (const one of asked) one.resolve(client);
  await expect.poll(() => release).toHaveBeenCalledTimes(3);
  const next = port.query({ ...select, timeoutMs: 20 });
  await expect.poll(() => asked).toHaveLength(4);
  asked[3]?.resolve(client);
  expect(await next).toEqual({ rows: [7] });
});
