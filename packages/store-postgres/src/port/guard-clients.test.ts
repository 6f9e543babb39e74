// Would catch: a server that ends a connection in the packet that opens it, and a process that ends with it; listeners that
// a long life of one connection piles up.
import { EventEmitter } from 'node:events';
import pg from 'pg';
import { expect, test } from 'vitest';
import { createPgAdapter } from './pg-adapter.ts';

/** A pool of pg whose connections open at once, and what they do then. */
function poolWhoseClients(onOpen: (client: EventEmitter) => void) {
  const made: EventEmitter[] = [];
  class Client extends EventEmitter {
    readonly _queryable = true;
    connect(done: () => void) {
      made.push(this);
      done();
      onOpen(this);
    }
    query = async () => ({ rows: [] });
    end(done?: () => void) {
      done?.();
    }
  }
  return { pool: new pg.Pool({ Client: Client as never }), made };
}

const select = { text: 'select 1', values: [] };

test('a connection that ends in the moment in which it opened ends no process', async () => {
  const { pool } = poolWhoseClients((client) => client.emit('error', new Error('terminated')));
  await expect(createPgAdapter(pool).query(select)).resolves.toEqual({ rows: [] });
});

test('a connection that is used again and again, by several stores, has one listener of ours', async () => {
  const { pool, made } = poolWhoseClients(() => {});
  const ports = [createPgAdapter(pool), createPgAdapter(pool)];
  const client = await pool.connect();
  const listeners = client.listenerCount('error');
  client.release();
  for (let use = 0; use < 10; use += 1) {
    await ports[use % 2]?.query(select);
    await new Promise<void>((resolve) => process.nextTick(resolve));
  }
  await pool.connect();
  expect(made).toHaveLength(1);
  expect(made[0]?.listenerCount('error')).toBe(listeners);
});

test('a connection that was opened before the store was made is guarded as well', async () => {
  const { pool, made } = poolWhoseClients(() => {});
  (await pool.connect()).release();
  createPgAdapter(pool);
  await pool.connect();
  expect(made[0]?.listenerCount('error')).toBe(1);
});

test('a pool of which ports are made again and again has one listener of ours for each event', () => {
  const { pool } = poolWhoseClients(() => {});
  for (let made = 0; made < 20; made += 1) createPgAdapter(pool);
  expect([pool.listenerCount('error'), pool.listenerCount('acquire')]).toEqual([1, 1]);
});
