// Would catch: a session that cannot be removed, or a call that cannot be settled, because others wrote at the same moment; a statement
// that runs twice although it may have had its effect.
import type { Clock } from '@helix-agents/core';
import { expect, test, vi } from 'vitest';
import type { PostgresPort } from '../port/postgres-port.ts';
import { Database } from './database.ts';

const failed = (code: string) => Object.assign(new Error('so it is'), { code });
const statement = { name: 'one', text: 'select 1' };

function databaseThat(...failures: readonly Error[]) {
  const query = vi.fn<PostgresPort['query']>(async () => ({ rows: [1] }));
  for (const failure of failures) query.mockRejectedValueOnce(failure);
  const sleep = vi.fn<Clock['sleep']>(async () => {});
  const ports = { clock: { sleep }, random: { fraction: () => 0.5 } };
  const database = new Database({ query }, { ...ports, prepared: true, statementTimeoutMs: 1_000 });
  return { query, database, pauses: () => sleep.mock.calls.map(([ms]) => ms) };
}

test.each(['40001', '40P01'])('what the server takes back for the sake of others is run again (%s)', async (code) => {
  const { query, database } = databaseThat(failed(code), failed(code));
  expect(await database.once(statement, [])).toEqual([1]);
  expect(query).toHaveBeenCalledTimes(3);
});

test('what it always takes back is told in the end', async () => {
  const { query, database, pauses } = databaseThat(...Array.from({ length: 20 }, () => failed('40001')));
  await expect(database.once(statement, [])).rejects.toMatchObject({
    code: 'state_store_unavailable',
    retryable: true,
  });
  expect(query).toHaveBeenCalledTimes(10);
  // Half of what it may be: who was taken back together does not come again together.
  expect(pauses()).toEqual([1, 2, 4, 8, 16, 25, 25, 25, 25]);
});

test.each(['08006', '23505', '57014'])('any other failure is told at once (%s)', async (code) => {
  const { query, database } = databaseThat(failed(code));
  await expect(database.attempt(statement, [])).rejects.toThrow('so it is');
  expect(query).toHaveBeenCalledOnce();
});
