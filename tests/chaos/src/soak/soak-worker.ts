/**
 * A process that runs agents for the soak: it recovers what others left, and does what it is told. Arguments: connection string,
 * path for the lines of bodies.
 */
import { HelixError, type Agent, type AgentExecutionHandle } from '@helix-agents/core';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import { createPgAdapter, PostgresStateStore, PostgresStreamManager } from '@helix-agents/store-postgres';
import pg from 'pg';
import { soakAgents } from './soak-agents.ts';
import { soakLimits, storeTimeouts } from './soak-limits.ts';
import { soakModel } from './soak-model.ts';
import type { Ask, Told } from './worker-messages.ts';

const [connectionString = '', effectsPath = ''] = process.argv.slice(2);

const pool = new pg.Pool({ connectionString, max: 8 });
const port = createPgAdapter(pool);
const store = new PostgresStateStore({ port, ...storeTimeouts });
const streams = new PostgresStreamManager({ port, ...storeTimeouts });
const logger = {
  log: (level: string, message: string, fields?: Readonly<Record<string, unknown>>) => {
    if (level !== 'info' && level !== 'debug') console.error(level, message, JSON.stringify(fields, withErrors));
  },
};
const executor = new JSAgentExecutor(store, streams, soakModel, { limits: soakLimits, logger });
const agents = new Map(soakAgents(effectsPath).map((agent) => [agent.name, agent]));
let closing = false;
const stop = new AbortController();
const recovery = executor.startRecovery({ agents: Object.fromEntries(agents), abortSignal: stop.signal });

process.on('message', (ask: Ask) => {
  answer(ask).then(
    (value) => tell({ id: ask.id, ok: true, value }),
    (thrown: unknown) => tell({ id: ask.id, ok: false, ...failureOf(thrown) }),
  );
});
// Nothing of the soak outlives it.
process.once('disconnect', () => closing || process.exit(1));
tell({ ready: true });

async function answer(ask: Ask): Promise<unknown> {
  const { sessionId } = ask;
  const agent = agents.get(ask.agent) as Agent;
  switch (ask.op) {
    case 'execute':
      return follow(await executor.execute(agent, { message: ask.text, messageId: ask.messageId }, { sessionId }));
    case 'say':
      return follow(
        await executor.resume(agent, sessionId, { message: { message: ask.text, messageId: ask.messageId } }),
      );
    case 'resume':
      return follow(await executor.resume(agent, sessionId));
    case 'retry':
      return follow(await executor.retry(agent, sessionId));
    case 'interrupt':
      return executor.interrupt(agent, sessionId, 'soak');
    case 'abort':
      return executor.abort(agent, sessionId, 'soak');
    case 'delete':
      return streams.deleteStream((await store.deleteSession(sessionId)) ?? sessionId);
    case 'memory':
      globalThis.gc?.();
      return process.memoryUsage().heapUsed;
    case 'close':
      return close();
  }
}

/** Waits for the run and reads it, as a caller would, and tells what came of it. */
function follow(handle: AgentExecutionHandle): string {
  const { sessionId, runId } = handle;
  const failed = (thrown: unknown) =>
    closing || tell({ event: 'failed', sessionId, runId, message: failureOf(thrown).message });
  handle.result().then(({ status }) => tell({ event: 'result', sessionId, runId, status }), failed);
  readAll(handle).catch(failed);
  return runId;
}

async function readAll(handle: AgentExecutionHandle): Promise<void> {
  for await (const chunk of (await handle.stream()) ?? []) void chunk;
}

async function close(): Promise<void> {
  closing = true;
  stop.abort();
  await recovery;
  await executor.close();
  await store.close();
  streams.close();
  await pool.end();
  setImmediate(() => process.disconnect());
}

function failureOf(thrown: unknown) {
  const code = HelixError.is(thrown) ? thrown.code : 'no_code';
  return { code, message: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) };
}

function tell(told: Told): void {
  if (process.connected) process.send?.(told);
}

function withErrors(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  return { name: value.name, message: value.message, code: (value as { code?: unknown }).code, cause: value.cause };
}
