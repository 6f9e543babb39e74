// Would catch: a connection that is kept although nobody has it, until the pool has none left.
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
