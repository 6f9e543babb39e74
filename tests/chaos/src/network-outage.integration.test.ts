// Would catch: a run that a broken network loses, hangs or does twice; a process that does not come back with its database.
import {
  defineAgent,
  defineTool,
  streamIdOf,
  withoutTypes,
  type Agent,
  type LLMAdapter,
  type StreamChunk,
  type ToolOutcome,
} from '@helix-agents/core';
import type { PostgresServer } from '@helix-agents/postgres-embedded';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BreakableNetwork } from './breakable-network.ts';
import { openStores, startDatabase, type Stores } from './database.ts';

const steps = 8;
const limits = { leaseMs: 3_000, renewMs: 600, leaseMarginMs: 500 };
const outageMs = 5_000;
/** Longer than any test: no session is taken up because a clock says that its owner may be dead. */
const takeoverGraceMs = 600_000;

let server: PostgresServer;
/** Past the network: what the world sees of the database meanwhile. */
let past: Stores;

beforeAll(async () => {
  server = await startDatabase();
  past = openStores(server.connectionString);
});

afterAll(async () => {
  await past?.close();
  await server?.stop();
});

/** Who sees to it that a session goes on which its process lost: the recovery, or somebody who waits for the run or reads it. */
type Waker = 'recovery' | 'result' | 'stream';
const everybody: readonly Waker[] = ['recovery', 'result', 'stream'];

/** A process whose database lies behind a network that breaks. */
async function newProcess(agent: Agent, recovers: boolean) {
  const network = await BreakableNetwork.to(server.connectionString);
  const timeouts = {
    connectionTimeoutMillis: 1_000,
    statementTimeoutMs: 1_000,
    commitTimeoutMs: 2_000,
    takeoverGraceMs,
  };
  const stores = openStores(network.connectionString, timeouts);
  stores.pool.on('error', () => {});
  const executor = new JSAgentExecutor(stores.store, stores.streams, model, { limits });
  const stop = new AbortController();
  const recovery = recovers && executor.startRecovery({ agents: { [agent.name]: agent }, abortSignal: stop.signal });
  const close = async () => {
    stop.abort();
    await recovery;
    await executor.close();
    await stores.close();
    await network.close();
  };
  return { network, executor, close };
}

/** One tool call a step, then an end. */
const model: LLMAdapter = {
  generateStep: async ({ messages, callbacks }) => {
    const done = messages.filter(({ role }) => role === 'tool').length;
    callbacks.onTextDelta?.(`step ${done + 1}. `);
    await sleep(20);
    if (done >= steps) return { type: 'text', content: 'done' };
    return { type: 'tool_calls', toolCalls: [{ id: `call_${done}`, name: 'work', arguments: { done } }] };
  },
};

function working(began: string[], reached: (body: number) => void): Agent {
  const work = defineTool({
    name: 'work',
    description: 'Works',
    inputSchema: z.object({ done: z.number() }),
    execute: async ({ done }, { dispatchId }) => {
      began.push(dispatchId);
      reached(done);
      await sleep(30);
      return `worked ${done}`;
    },
  });
  return withoutTypes(defineAgent({ name: 'worker', systemPrompt: '', tools: [work] }));
}

/** Breaks the network when a body begins, heals it later, and answers what the database holds in the end. */
async function outage(how: 'reset' | 'silent', ms: number, atBody: number, wakers: readonly Waker[] = everybody) {
  const began: string[] = [];
  let broken: Promise<void> | undefined;
  const agent = working(began, (body) => {
    if (body === atBody) broken ??= breakFor(ms);
  });
  const process = await newProcess(agent, wakers.includes('recovery'));
  const breakFor = async (time: number) => {
    process.network.break(how);
    await sleep(time);
    process.network.heal();
  };
  try {
    const sessionId = `${how}_${ms}_${atBody}_${wakers.join('_')}`;
    const handle = await process.executor.execute(agent, 'Go', { sessionId });
    const reading = wakers.includes('stream') ? read(await handle.stream()) : '';
    if (wakers.includes('result')) await handle.result();
    const seen = await reading;
    await untilEnded(sessionId);
    const result = await handle.result();
    await broken;
    return { result, began, seen, ...(await recordOf(sessionId)) };
  } finally {
    await process.close();
  }
}

/** Looks at the database alone: the process is not told that somebody waits. */
async function untilEnded(sessionId: string): Promise<void> {
  while ((await past.store.head(sessionId))?.phase !== 'ended') await sleep(100);
}

/** All text that a reader was given, through the outage. */
async function read(chunks: AsyncIterable<StreamChunk> | null): Promise<string> {
  let text = '';
  for await (const chunk of chunks ?? []) if (chunk.type === 'text_delta') text += chunk.delta;
  return text;
}

async function recordOf(sessionId: string) {
  const { store, streams } = past;
  const messages = await store.messagesAfter(sessionId, 0);
  const outcomes = messages.flatMap(({ parts }) =>
    parts.flatMap((part): ToolOutcome[] => (part.type === 'tool-result' ? [part.outcome] : [])),
  );
  const session = await store.load(sessionId);
  const { chunks } = await streams.read(streamIdOf(session!), 0);
  return { roles: messages.map(({ role }) => role), outcomes, chunks: chunks.map(({ chunk }) => chunk.type) };
}

const undisturbed = ['user', ...Array.from({ length: steps }, () => ['assistant', 'tool']).flat(), 'assistant'];

describe('a network that breaks', () => {
  it.each([
    ['reset', 0, 0, 0],
    ['reset', 0, 4, 0],
    ['reset', 500, 2, 0],
    ['silent', 1_000, 3, 1],
    ['reset', 6_000, 5, 1],
    ['silent', 6_000, 6, 1],
  ] as const)('(%s, %i ms, in body %i) costs a run time and nothing else', { timeout: 60_000 }, async (...given) => {
    const [how, ms, at, unknown] = given;
    const { result, began, seen, roles, outcomes, chunks } = await outage(how, ms, at);
    expect(result).toMatchObject({ status: 'completed', output: 'done' });
    expect(new Set(began).size).toBe(began.length);
    expect(roles).toEqual(undisturbed);
    expect(outcomes).toHaveLength(steps);
    // What was in flight when the lease ended is not known; nothing else is lost.
    expect(outcomes.filter(({ type }) => type === 'unknown').length).toBeLessThanOrEqual(unknown);
    expect(outcomes.filter(({ type }) => type === 'result').length).toBeGreaterThanOrEqual(steps - unknown);
    expect(seen).toContain(`step ${steps + 1}. `);
    expect(chunks.filter((type) => type === 'output')).toHaveLength(1);
  });
});

describe('an outage that outlasts the lease of a process that lives', () => {
  it.concurrent.each([
    ['reset', 'recovery'],
    ['reset', 'result'],
    ['reset', 'stream'],
    ['silent', 'recovery'],
    ['silent', 'result'],
    ['silent', 'stream'],
  ] as const)('(%s) is over for its session as soon as there is a %s', { timeout: 60_000 }, async (how, waker) => {
    const { result, began, roles } = await outage(how, outageMs, 3, [waker]);
    expect(result).toMatchObject({ status: 'completed', output: 'done' });
    expect(new Set(began).size).toBe(began.length);
    expect(roles).toEqual(undisturbed);
  });
});
