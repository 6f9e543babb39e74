/**
 * Runs, or with an empty message takes over, one session, and ends itself by SIGKILL at a boundary. Arguments: connection string,
 * session, path for effects, path for the trace of boundaries, boundary, which time it is reached, milliseconds by which its stream
 * lags.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Boundary, StreamManager } from '@helix-agents/core';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import { crashAgent, CrashModel } from './crash-agent.ts';
import { openStores } from './database.ts';

const [connectionString = '', sessionId = '', effectsPath = '', tracePath = '', killAt = '', times = '1', lagMs = '0'] =
  process.argv.slice(2);
let left = Number(times);

function reached(boundary: Boundary): void {
  appendFileSync(tracePath, `${boundary}\n`);
  if (boundary !== killAt) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
}

/** What is written is in the stream only after a while: whoever dies meanwhile takes it along. */
function lag(streams: StreamManager): void {
  const open = streams.openWriter.bind(streams);
  streams.openWriter = async (...of) => {
    const writer = await open(...of);
    const { startSequence } = writer;
    return { startSequence, append: (...batch) => sleep(Number(lagMs)).then(() => writer.append(...batch)) };
  };
}

const stores = openStores(connectionString);
if (lagMs !== '0') lag(stores.streams);
const limits = { backoffMs: 1, maxBackoffMs: 2 };
const model = new CrashModel(readFileSync(tracePath, 'utf8').includes('failure-commit:after'));
const executor = new JSAgentExecutor(stores.store, stores.streams, model, { reached, limits });
const agent = crashAgent(effectsPath);
const handle = (await executor.getHandle(agent, sessionId)) ?? (await executor.execute(agent, 'Go', { sessionId }));
await handle.result();
await executor.close();
await stores.close();
