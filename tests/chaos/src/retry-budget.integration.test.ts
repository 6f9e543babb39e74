// Would catch: attempts of a model call that are forgotten with the process that made them, so that a crash loop never ends.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PostgresServer } from '@helix-agents/postgres-embedded';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStores, startDatabase, type Stores } from './database.ts';

const worker = fileURLToPath(new URL('./budget-worker.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'helix-budget-'));
const attemptsPath = join(folder, 'attempts');
const maxRetries = 3;
const sessionId = 'budget';
const workers: ChildProcess[] = [];
let server: PostgresServer;
let stores: Stores;

beforeAll(async () => {
  writeFileSync(attemptsPath, '');
  server = await startDatabase();
  stores = openStores(server.connectionString);
});

afterAll(async () => {
  for (const child of workers) child.kill('SIGKILL');
  await stores?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function startWorker(): ChildProcess {
  const args = [worker, server.connectionString, sessionId, attemptsPath, String(maxRetries)];
  const child = spawn(process.execPath, ['--conditions=@helix-agents/source', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  workers.push(child);
  return child;
}

/** The processes that made an attempt, one for each. */
function attempts(): string[] {
  return readFileSync(attemptsPath, 'utf8').split('\n').filter(Boolean);
}

/** Ends a process by SIGKILL between its attempt of this number and the next. */
async function killInBackoff(child: ChildProcess, attempt: number): Promise<void> {
  const failed = async () => {
    const step = (await stores.store.load(sessionId))?.step;
    return step?.at === 'failed' && attempts().at(-1) === String(child.pid) ? step.attempt : 0;
  };
  await expect.poll(failed, { timeout: 20_000, interval: 10 }).toBe(attempt);
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
  expect(attempts()).toHaveLength(attempt);
}

it('attempts are counted over the deaths of those who made them, and the run fails with what the provider said', async () => {
  await killInBackoff(startWorker(), 1);
  await killInBackoff(startWorker(), 2);
  const [code] = (await once(startWorker(), 'exit')) as [number | null];
  expect(code).toBe(0);
  expect(attempts()).toHaveLength(1 + maxRetries);
  expect(new Set(attempts()).size).toBe(3);
  const session = await stores.store.load(sessionId);
  expect(session?.run?.phase).toMatchObject({ at: 'ended', outcome: 'failed', error: { code: 'provider_overloaded' } });
  expect(session?.usage.modelCalls).toBe(1 + maxRetries);
}, 60_000);
