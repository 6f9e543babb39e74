// Would catch: a connection that is kept although nobody has it, until the pool has none left; a process whose first commit waits
// for a connection that nobody opened before.
import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createPgAdapter } from './pg-adapter.ts';
import type { PgClient, PgPool } from './pg-pool.ts';

test.each([
  ['nothing', undefined],
  ['a connection string', 'postgres://localhost/x'],
  ['a client', new pg.Client()],
])('%s is no pool, which is said at once', (_, given) => {
  expect(() => createPgAdapter(given as never)).toThrow('createPgAdapter takes a Pool of the package pg');
});

test.each(['nonsense', 'localhost:5432/app', 'host=localhost dbname=app'])(
  'a pool over %j, of which pg makes a host of its own, is refused without showing it',
  (connectionString) => {
    const error = expect.objectContaining({
      code: 'input_invalid',
      message: 'the connectionString of the pool names no Postgres: it is postgres://user:password@host:5432/database',
    });
    expect(() => createPgAdapter(new pg.Pool({ connectionString }))).toThrow(error);
  },
);

test.each(['postgres://u:p@localhost:5432/x', 'postgresql:///x?host=/tmp', '/tmp x', 'socket:/tmp?db=x', undefined])(
  'a pool over %j is taken',
  (connectionString) => {
    expect(() => createPgAdapter(new pg.Pool({ ...(connectionString && { connectionString }) }))).not.toThrow();
  },
);

test('the connection of a refused LISTEN goes back to the pool, and the refusal is told', async () => {
  const release = vi.fn<PgClient['release']>();
  const query = () => Promise.reject(new Error('refused'));
  const client: PgClient = { query, on: () => {}, release };
  const pool: PgPool = { connect: async () => client, on: () => {} };
  const onLost = vi.fn<() => void>();
  await expect(createPgAdapter(pool).listen?.('channel', () => {}, onLost)).rejects.toThrow('refused');
  expect(release).toHaveBeenCalledExactlyOnceWith(true);
  expect(onLost).not.toHaveBeenCalled();
});

test('a session has more connections opened beside its own, and keeps one', async () => {
  const release = vi.fn<PgClient['release']>();
  const query = async () => ({ rows: [] });
  const client: PgClient = { query, on: () => {}, release };
  const connect = vi.fn<PgPool['connect']>(async () => client);
  const session = await createPgAdapter({ connect, on: () => {} }).session?.(() => {});
  expect(connect.mock.calls.length).toBeGreaterThan(1);
  expect(release).toHaveBeenCalledTimes(connect.mock.calls.length - 1);
  await session?.close();
  expect(release).toHaveBeenLastCalledWith(true);
});

test('connections that cannot be opened beforehand are nobody’s failure', async () => {
  const query = async () => ({ rows: [] });
  const client: PgClient = { query, on: () => {}, release: () => {} };
  const connect = vi.fn<PgPool['connect']>().mockResolvedValueOnce(client).mockRejectedValue(new Error('too many'));
  const pool: PgPool = { connect, on: () => {} };
  await expect(createPgAdapter(pool).session?.(() => {})).resolves.toBeDefined();
});

const statement = { text: 'select 1', values: [], timeoutMs: 20 };
const never = () => new Promise<never>(() => {});

function poolOf(query: PgClient['query']) {
  const release = vi.fn<PgClient['release']>();
  const client: PgClient = { query, on: () => {}, release };
  return { pool: { connect: async () => client, on: () => {} } satisfies PgPool, release };
}

test('a statement that is not answered in time is rejected, and its connection is not used again', async () => {
  const { pool, release } = poolOf(never);
  await expect(createPgAdapter(pool).query(statement)).rejects.toThrow('no answer in 20 ms');
  expect(release).toHaveBeenCalledExactlyOnceWith(true);
});

test('a driver that throws is a statement that failed, and its connection is not used again', async () => {
  const { pool, release } = poolOf(() => {
    throw new Error('thrown');
  });
  await expect(createPgAdapter(pool).query(statement)).rejects.toThrow('thrown');
  expect(release).toHaveBeenCalledExactlyOnceWith(true);
});

test('a pool that throws is a statement that failed', async () => {
  const connect = () => {
    throw new Error('thrown');
  };
  await expect(createPgAdapter({ connect, on: () => {} }).query(statement)).rejects.toThrow('thrown');
});

test('a pool that throws, as one whose certificate is no file any more, has no session, which its caller alone hears', async () => {
  const unheard = vi.fn<() => void>();
  process.once('unhandledRejection', unheard);
  onTestFinished(() => void process.off('unhandledRejection', unheard));
  const pool = new pg.Pool({ connectionString: 'postgres://u@127.0.0.1/x?sslrootcert=/no/such/file' });
  await expect(createPgAdapter(pool).session?.(() => {})).rejects.toThrow('/no/such/file');
  await new Promise((resolve) => setImmediate(resolve));
  expect(unheard).not.toHaveBeenCalled();
});

test('a connection survives what the server refuses, and does not survive its own failure', async () => {
  const refused = poolOf(() => Promise.reject(Object.assign(new Error('twice'), { code: '23505' })));
  await expect(createPgAdapter(refused.pool).query(statement)).rejects.toThrow('twice');
  expect(refused.release).toHaveBeenCalledExactlyOnceWith(false);
  const broken = poolOf(() => Promise.reject(Object.assign(new Error('gone'), { code: 'ECONNRESET' })));
  await expect(createPgAdapter(broken.pool).query(statement)).rejects.toThrow('gone');
  expect(broken.release).toHaveBeenCalledExactlyOnceWith(true);
});

test.each([
  ['to a server that is read-only since a failover', '25006'],
  ['that somebody left within a failed transaction', '25P02'],
])('a connection %s is not used again', async (_, code) => {
  const { pool, release } = poolOf(() => Promise.reject(Object.assign(new Error('cannot execute'), { code })));
  await expect(createPgAdapter(pool).query(statement)).rejects.toThrow('cannot execute');
  expect(release).toHaveBeenCalledExactlyOnceWith(true);
});

test('a statement without a limit waits', async () => {
  const slow = () => new Promise<{ rows: unknown[] }>((resolve) => setTimeout(resolve, 30, { rows: [1] }));
  const { pool, release } = poolOf(slow);
  expect(await createPgAdapter(pool).query({ text: 'select 1', values: [] })).toEqual({ rows: [1] });
  await new Promise<void>((resolve) => process.nextTick(resolve));
  expect(release).toHaveBeenCalledExactlyOnceWith();
});

test.each([
  ['is not pg’s own', {}],
  ['is pg’s native one', { connection: undefined, getTypeParser: () => Number }],
  [
    'sends queries before the answers to others are there',
    { connection: wireMethods(), getTypeParser: () => Number, pipeline: true },
  ],
])('a client that %s runs a prepared statement itself', async (_, parts) => {
  const query = vi.fn<PgClient['query']>(async () => ({ rows: [1] }));
  const client: PgClient = { query, on: () => {}, release: () => {}, ...parts };
  const port = createPgAdapter({ connect: async () => client, on: () => {} });
  const named = { name: 'one', text: 'select 1', values: ['a', null] };
  expect(await port.query(named)).toEqual({ rows: [1] });
  expect(query).toHaveBeenCalledExactlyOnceWith(named);
});

function wireMethods() {
  const methods = ['parse', 'bind', 'describe', 'execute', 'close', 'sync'];
  return Object.fromEntries(methods.map((method) => [method, () => {}]));
}
