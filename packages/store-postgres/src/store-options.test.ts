// Would catch: a typing error that is ignored, so that a store behind a pooler prepares statements after all; a pool that is too
// small for what is kept of it, and a first statement that waits for ever; a bare pool, whose first lost connection ends the process.
import pg from 'pg';
import { expect, test } from 'vitest';
import { createPgAdapter } from './port/pg-adapter.ts';
import type { PostgresPort } from './port/postgres-port.ts';
import { PostgresMigrations } from './migrations/postgres-migrations.ts';
import { PostgresStateStore } from './postgres-state-store.ts';
import { resolveOptions } from './store-options.ts';
import { PostgresStreamManager } from './streams/postgres-stream-manager.ts';

const port = { query: async () => ({ rows: [] }) };
const refusal = expect.objectContaining({ code: 'input_invalid', message: expect.stringContaining('prepared?') });

test('a misspelt option is refused, with the one that was meant', () => {
  const misspelt = { port, prepare: false };
  expect(() => new PostgresStateStore(misspelt)).toThrow(refusal);
  expect(() => new PostgresStreamManager(misspelt)).toThrow(refusal);
});

test('what is not given is as documented', async () => {
  const asked: unknown[] = [];
  const query: PostgresPort['query'] = async ({ timeoutMs, name }) => {
    asked.push({ timeoutMs, name });
    return { rows: [] };
  };
  const { database, tables: _, port: __, clock: ___, ...numbers } = resolveOptions({ port: { query } });
  await database.once({ name: 'one', text: 'select 1' }, []);
  expect(asked).toEqual([{ timeoutMs: 5_000, name: 'one' }]);
  expect(numbers).toEqual({
    scope: '',
    poll: true,
    pollMs: 1_000,
    commitTimeoutMs: 10_000,
    takeoverGraceMs: 10_000,
    restartGraceMs: 15_000,
  });
});

test.each([
  ['pollMs', 0],
  ['statementTimeoutMs', 0],
  ['commitTimeoutMs', 0],
  ['restartGraceMs', -1],
  ['takeoverGraceMs', Number.NaN],
])('%s of %d, with which nothing could run, is refused by its name', (name, value) => {
  const nonsense = expect.objectContaining({ code: 'input_invalid', message: expect.stringContaining(name) });
  expect(() => new PostgresStateStore({ port, [name]: value })).toThrow(nonsense);
});

test('a state store and a stream manager take the same options', () => {
  const options = { port, scope: 'a', poll: true, takeoverGraceMs: 1, restartGraceMs: 1 };
  expect(() => [new PostgresStateStore(options), new PostgresStreamManager(options)]).not.toThrow();
});

const portOf = (max: number) =>
  createPgAdapter({ options: { max }, connect: () => Promise.reject(new Error('not asked')), on: () => {} });

test.each([1, 2])(
  'a pool of %i, two of which would be kept, is refused with the option and the least that does',
  (max) => {
    const tooFew = expect.objectContaining({
      code: 'input_invalid',
      message: expect.stringContaining(`max of the pool must be at least 3, got ${max}`),
    });
    expect(() => new PostgresStateStore({ port: portOf(max) })).toThrow(tooFew);
    expect(() => new PostgresStreamManager({ port: portOf(max) })).toThrow(tooFew);
  },
);

test('a pool of three does, and one of a single connection where none is kept', () => {
  expect(() => new PostgresStateStore({ port: portOf(3) })).not.toThrow();
  expect(() => new PostgresStateStore({ port: portOf(1), poll: true })).not.toThrow();
});

test('a pool is no port, and what is neither is none', () => {
  const pool = new pg.Pool();
  const isPool = expect.objectContaining({
    code: 'input_invalid',
    message: expect.stringContaining('give createPgAdapter(pool)'),
  });
  // @ts-expect-error: the compiler refuses it, too
  expect(() => new PostgresStateStore({ port: pool })).toThrow(isPool);
  // @ts-expect-error: here as well
  expect(() => new PostgresStreamManager({ port: pool })).toThrow(isPool);
  // @ts-expect-error: and here
  expect(() => new PostgresMigrations(pool)).toThrow(isPool);
  const isNone = expect.objectContaining({ message: expect.stringContaining('must have a query') });
  expect(() => new PostgresStateStore({ port: undefined as never })).toThrow(isNone);
});
