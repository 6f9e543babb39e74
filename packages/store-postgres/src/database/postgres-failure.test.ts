// Would catch: a passing trouble of the database that ends every run for good; one that no repetition mends and that is repeated.
import { HelixError, type Clock } from '@helix-agents/core';
import { expect, test, vi } from 'vitest';
import { failureKind, toHelixError } from './postgres-failure.ts';
import { repeatUntilKnown } from './repeat-until-known.ts';

const failed = (code?: string) => Object.assign(new Error('so it is'), code !== undefined && { code });

test.each([
  ['no answer', undefined],
  ['a network that fails', 'ECONNRESET'],
  ['a connection that ends', '08006'],
  ['a server that is read-only', '25006'],
  ['a connection that was left within a failed transaction', '25P02'],
  ['two who wait for each other', '40P01'],
  ['too many connections', '53300'],
  ['a lock that is not free', '55P03'],
  ['a database that takes no connections while it is worked on', '55000'],
  ['a server that is shut down', '57P01'],
  ['a full disk', '58030'],
  ['an internal error, also of a pooler', 'XX000'],
])('%s may pass (%s)', (_, code) => {
  expect(failureKind(failed(code))).toBe('again');
  expect(toHelixError(failed(code))).toMatchObject({ code: 'state_store_unavailable', retryable: true });
});

test.each([
  ['a password that is wrong', '28P01'],
  ['a login that is closed', '28000'],
  ['a database that is not there', '3D000'],
  ['a right that the role lacks', '42501'],
])('%s is told as what no repetition changes, and may pass for a run that is under way (%s)', (_, code) => {
  expect(failureKind(failed(code))).toBe('again');
  expect(toHelixError(failed(code))).toMatchObject({ code: 'state_store_denied', retryable: false });
});

test.each([
  ['a key that is there already', '23505', 'state_store_unavailable'],
  ['text that no column holds', '22P05', 'input_invalid'],
  ['a statement that is none', '42601', 'state_store_unavailable'],
])('%s does not pass (%s)', (_, sqlState, code) => {
  expect(failureKind(failed(sqlState))).toBe('refused');
  expect(toHelixError(failed(sqlState))).toMatchObject({ code, retryable: false });
});

test('tables that are missing are told as such', () => {
  expect(toHelixError(failed('42P01'))).toMatchObject({
    code: 'state_schema_mismatch',
    message:
      'the schema in the database does not fit: so it is; new PostgresMigrations(port).run() brings it to this release',
  });
});

test('what is told says whether the server spoke', () => {
  expect(toHelixError(failed('ECONNREFUSED')).message).toBe('Postgres did not answer: so it is');
  expect(toHelixError(failed('28P01')).message).toBe('Postgres refused (28P01): so it is');
});

/** A clock whose waits are over at once. */
function quickClock() {
  let now = 0;
  const sleep = vi.fn<Clock['sleep']>(async (ms) => void (now += ms));
  return { clock: { monotonic: () => now, sleep } as Pick<Clock, 'monotonic' | 'sleep'> as Clock, sleep };
}

test('a write outlives a password that is wrong for a while', async () => {
  const { clock } = quickClock();
  const attempt = vi
    .fn<() => Promise<string>>()
    .mockRejectedValueOnce(failed('28P01'))
    .mockRejectedValueOnce(failed('42501'));
  attempt.mockResolvedValue('landed');
  const outcome = repeatUntilKnown(
    { clock, commitTimeoutMs: 10_000 },
    { attempt, explain: async () => undefined, unknown: () => 'unknown' },
  );
  expect(await outcome).toBe('landed');
});

test('a write outlives what a statement within it was refused by, as while a database is restored', async () => {
  const { clock } = quickClock();
  const attempt = vi.fn<() => Promise<string>>().mockRejectedValueOnce(toHelixError(failed('3D000')));
  attempt.mockResolvedValue('landed');
  const outcome = repeatUntilKnown({ clock, commitTimeoutMs: 10_000 }, { attempt, unknown: () => 'unknown' });
  expect(await outcome).toBe('landed');
});

test('a write that stays refused ends in time, with its cause', async () => {
  const { clock } = quickClock();
  const attempt = () => Promise.reject(failed('42501'));
  const unknown = (cause: unknown) => HelixError.from(cause, 'state_store_unavailable').message;
  const outcome = repeatUntilKnown(
    { clock, commitTimeoutMs: 10_000 },
    { attempt, explain: async () => undefined, unknown },
  );
  expect(await outcome).toBe('so it is');
  expect(clock.monotonic()).toBeLessThanOrEqual(10_000);
});
