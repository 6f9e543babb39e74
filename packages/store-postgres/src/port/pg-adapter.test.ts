// Would catch: a connection that is kept although nobody has it, until the pool has none left; a process whose first commit waits
// for a connection that nobody opened before.
import { expect, test, vi } from 'vitest';
import { createPgAdapter, type PgClient, type PgPool } from './pg-adapter.ts';

test('the connection of a refused LISTEN goes back to the pool, and the refusal is told', async () => {
  const release = vi.fn<PgClient['release']>();
  const query = () => Promise.reject(new Error('refused'));
  const client: PgClient = { query, on: () => {}, release };
  const pool: PgPool = { query, connect: async () => client, on: () => {} };
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
  const session = await createPgAdapter({ query, connect, on: () => {} }).session?.(() => {});
  expect(connect.mock.calls.length).toBeGreaterThan(1);
  expect(release).toHaveBeenCalledTimes(connect.mock.calls.length - 1);
  await session?.close();
  expect(release).toHaveBeenLastCalledWith(true);
});

test('connections that cannot be opened beforehand are nobody’s failure', async () => {
  const query = async () => ({ rows: [] });
  const client: PgClient = { query, on: () => {}, release: () => {} };
  const connect = vi.fn<PgPool['connect']>().mockResolvedValueOnce(client).mockRejectedValue(new Error('too many'));
  const pool: PgPool = { query, connect, on: () => {} };
  await expect(createPgAdapter(pool).session?.(() => {})).resolves.toBeDefined();
});
