/**
 * Runs, or takes up, one session whose model always fails, until it ends or this process does. Arguments: connection string,
 * session, path for a line an attempt.
 */
import { appendFileSync } from 'node:fs';
import { defineAgent, HelixError, type LLMAdapter } from '@helix-agents/core';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import { openStores } from './database.ts';

const [connectionString = '', sessionId = '', attemptsPath = '', maxRetries = ''] = process.argv.slice(2);

const failing: LLMAdapter = {
  generateStep: () => {
    appendFileSync(attemptsPath, `${process.pid}\n`);
    return Promise.resolve({ type: 'error', error: new HelixError('provider_overloaded', 'try again') });
  },
};

const stores = openStores(connectionString);
// Long enough for a kill to fall into it, however busy the machine is.
const limits = { backoffMs: 2_000, maxBackoffMs: 2_000 };
const executor = new JSAgentExecutor(stores.store, stores.streams, failing, { limits });
const agent = defineAgent({ name: 'budget', systemPrompt: '', llmConfig: { maxRetries: Number(maxRetries) } });
const stop = new AbortController();
const recovery = executor.startRecovery({ agents: { [agent.name]: agent }, abortSignal: stop.signal });
const handle = (await executor.getHandle(agent, sessionId)) ?? (await executor.execute(agent, 'Go', { sessionId }));
await handle.result();
stop.abort();
await recovery;
await executor.close();
await stores.close();
