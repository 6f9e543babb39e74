// Would catch: a number from a URL that reaches the database and comes back as an error of its own, or as a fault of the database.
import { expect, test, vi } from 'vitest';
import type { PostgresPort } from '../port/postgres-port.ts';
import { PostgresStateStore } from '../postgres-state-store.ts';
import { PostgresStreamManager } from '../streams/postgres-stream-manager.ts';

function stores() {
  const query = vi.fn<PostgresPort['query']>(async () => ({ rows: [] }));
  return {
    query,
    store: new PostgresStateStore({ port: { query } }),
    streams: new PostgresStreamManager({ port: { query } }),
  };
}

const refusal = { code: 'input_invalid', message: expect.stringContaining('after must be a whole number') };

test.each([0.5, NaN, Infinity])('what comes after %d is asked of no database', async (after) => {
  const { query, store, streams } = stores();
  await expect(store.messagesAfter('session', after)).rejects.toMatchObject(refusal);
  await expect(streams.read('stream', after)).rejects.toMatchObject(refusal);
  expect(query).not.toHaveBeenCalled();
});

test('nothing comes after a place that is higher than any, and everything after one below the first', async () => {
  const { query, store, streams } = stores();
  const asked = () => query.mock.lastCall?.[0].values[2];
  expect(await store.messagesAfter('session', 2 ** 31)).toEqual([]);
  expect(asked()).toBe(2 ** 31 - 1);
  expect(await streams.read('stream', Number.MAX_SAFE_INTEGER)).toMatchObject({ chunks: [] });
  expect(asked()).toBe(2 ** 31 - 1);
  await store.messagesAfter('session', -1);
  expect(asked()).toBe(0);
});

test.each(['99999999999999999999.session', '1e3.session', '-1.session', '1.'])(
  'no page gave the cursor %s',
  async (cursor) => {
    const { query, store } = stores();
    await expect(store.listSessions({ cursor })).rejects.toMatchObject({ code: 'input_invalid' });
    expect(query).not.toHaveBeenCalled();
  },
);
