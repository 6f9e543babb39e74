// Would catch: a lock behind a pooler that seems free while its process lives; a query more for everybody who has no pooler; a pooler that
// leaves each client its connection, refused.
import { expect, test, vi } from 'vitest';
import { mustHaveOwnConnection } from './own-connection.ts';
import type { PgClient } from './pg-pool.ts';

/** A client that was told to be served by one process, and is served by these in turn. */
function clientOf(processID: number | null | undefined, backends: readonly number[]) {
  const left = [...backends];
  const query = vi.fn<PgClient['query']>(async () => ({
    rows: [{ backend: left.length > 1 ? left.shift() : left[0] }],
  }));
  const release = vi.fn<PgClient['release']>();
  return { processID, query, release, on: () => {} } satisfies PgClient;
}

const nobody = () => Promise.reject(new Error('asked for another connection'));

test('a client that is served by the process it was told is asked once', async () => {
  const client = clientOf(7, [7]);
  await mustHaveOwnConnection(client, nobody);
  expect(client.query).toHaveBeenCalledOnce();
});

test.each([undefined, null])('a driver that does not say who serves it (%s) is asked nothing', async (told) => {
  const client = clientOf(told, [7]);
  await mustHaveOwnConnection(client, nobody);
  expect(client.query).not.toHaveBeenCalled();
});

test('a pooler that leaves each client its connection is none of our business', async () => {
  const other = clientOf(2, [8]);
  await mustHaveOwnConnection(clientOf(1, [7]), async () => other);
  expect(other.release).toHaveBeenCalledExactlyOnceWith();
});

test.each([
  ['the one it used last', [7], [7]],
  ['one of two in turns', [7, 7, 8], [8, 7]],
  ['one of three in turns', [7, 9, 7], [8, 8]],
  ['any', [7, 7, 7, 7, 9], [8, 9, 9]],
])('a pooler that gives each client %s is refused, and keeps no other client', async (_, ours, others) => {
  const other = clientOf(2, others);
  await expect(mustHaveOwnConnection(clientOf(1, ours), async () => other)).rejects.toMatchObject({
    code: 'state_store_unsuitable',
    message: expect.stringContaining('give both stores { prepared: false, poll: true }'),
  });
  expect(other.release).toHaveBeenCalledOnce();
});

test('a connection that does not answer goes to nobody else', async () => {
  const other = clientOf(2, [8]);
  other.query.mockRejectedValue(new Error('Query read timeout'));
  await expect(mustHaveOwnConnection(clientOf(1, [7]), async () => other)).rejects.toThrow('Query read timeout');
  expect(other.release).toHaveBeenCalledExactlyOnceWith(true);
});
