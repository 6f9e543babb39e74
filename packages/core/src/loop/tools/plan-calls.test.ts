// Would catch: a reply that fails to be read while a schema is asked about another of its calls, and then ends the process.
import { expect, it } from 'vitest';
import type { Schema } from '../../agent/schema.ts';
import { FakeClock } from '../../testing/index.ts';
import { Cut } from '../owner/cut.ts';
import type { Owner } from '../owner/owner.ts';
import { planCalls } from './plan-calls.ts';

it('where one call cannot be read at all, whatever becomes of the others is nobody’s failure', async () => {
  const cut = new Cut('s', new FakeClock());
  const unread: unknown[] = [];
  const hear = (error: unknown) => void unread.push(error);
  process.on('unhandledRejection', hear);
  const never = {
    '~standard': { version: 1, vendor: 'x', validate: () => new Promise(() => {}) },
  } as unknown as Schema;
  const plan = async () => planCalls(owner(cut, never), [request('a', {}), request('b', { n: 1n })], 'normal', null);
  await expect(plan()).rejects.toThrow(TypeError);
  cut.end('lost');
  await new Promise((resolve) => setTimeout(resolve, 10));
  process.off('unhandledRejection', hear);
  expect(unread).toEqual([]);
});

const request = (id: string, args: object) => ({ id, name: 't', arguments: args });

function owner(cut: Cut, inputSchema: Schema): Owner {
  const tool = { name: 't', description: '', inputSchema, inputJsonSchema: {}, replay: 'never', sequential: false };
  const limits = { maxCallsPerStep: 64, maxArgumentsBytes: 1_000, stopGraceMs: 0 };
  return {
    parts: { agent: { tools: new Map([['t', tool]]), outputJsonSchema: null, llmConfig: {} }, ports: { limits } },
    inputs: new Map(),
    cut: () => cut.check(),
    unlessStopped: <T>(work: Promise<T>, graceMs: number) => cut.unlessStopped(work, graceMs),
  } as unknown as Owner;
}
