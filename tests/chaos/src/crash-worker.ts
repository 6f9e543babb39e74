/**
 * Runs, or with an empty message takes over, one session, and ends itself by SIGKILL at a boundary. Arguments: connection string,
 * session, path for effects, path for the trace of boundaries, boundary, which time it is reached.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import type { Boundary } from '@helix-agents/core';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import { crashAgent, CrashModel } from './crash-agent.ts';
import { openStores } from './database.ts';

const [connectionString = '', sessionId = '', effectsPath = '', tracePath = '', killAt = '', times = '1'] =
  process.argv.slice(2);
let left = Number(times);

function reached(boundary: Boundary): void {
  appendFileSync(tracePath, `${boundary}\n`);
  if (boundary !== killAt) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
}

const stores = openStores(connectionString);
const limits = { backoffMs: 1, maxBackoffMs: 2 };
const model = new CrashModel(readFileSync(tracePath, 'utf8').includes('failure-commit:after'));
const executor = new JSAgentExecutor(stores.store, stores.streams, model, { reached, limits });
const agent = crashAgent(effectsPath);
const handle = (await executor.getHandle(agent, sessionId)) ?? (await executor.execute(agent, 'Go', { sessionId }));
await handle.result();
await executor.close();
await stores.close();
