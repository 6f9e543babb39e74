// Would catch: a typing error that is ignored, so that a store behind a pooler prepares statements after all.
import { expect, test } from 'vitest';
import { PostgresStateStore } from './postgres-state-store.ts';
import { PostgresStreamManager } from './streams/postgres-stream-manager.ts';

const port = { query: async () => ({ rows: [] }) };
const refusal = expect.objectContaining({ code: 'input_invalid', message: expect.stringContaining('prepared?') });

test('a misspelt option is refused, with the one that was meant', () => {
  const misspelt = { port, prepare: false };
  expect(() => new PostgresStateStore(misspelt)).toThrow(refusal);
  expect(() => new PostgresStreamManager(misspelt)).toThrow(refusal);
});

test('a state store and a stream manager take the same options', () => {
  const options = { port, scope: 'a', poll: true, takeoverGraceMs: 1 };
  expect(() => [new PostgresStateStore(options), new PostgresStreamManager(options)]).not.toThrow();
});
