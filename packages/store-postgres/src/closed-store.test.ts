// Would catch: a store whose database is away as it is closed, and that keeps what it holds of its process: a process that does not end.
import { expect, test, vi } from 'vitest';
import { PostgresStateStore, type PostgresPort } from './index.ts';

test('a store that is closed while its database is away says so, and lets go of all that it holds', async () => {
  let isAway = false;
  const close = vi.fn<() => Promise<void>>(async () => {});
  const stopListening = vi.fn<() => Promise<void>>(async () => {});
  const query = async () => (isAway ? Promise.reject(new Error('away')) : { rows: [{ backend: 1 }] });
  const listen = vi.fn<NonNullable<PostgresPort['listen']>>(async () => stopListening);
  const store = new PostgresStateStore({ port: { query, listen, session: async () => ({ query, close }) } });
  store.signals.watchDue(() => {});
  for (const holderId of ['first', 'second']) await store.openHolder({ holderId, leaseMs: 30_000 });
  await expect.poll(() => listen).toHaveBeenCalledOnce();
  isAway = true;
  await expect(store.close()).rejects.toMatchObject({ code: 'state_store_unavailable' });
  await expect.poll(() => stopListening).toHaveBeenCalledOnce();
  expect(close).toHaveBeenCalledOnce();
});
