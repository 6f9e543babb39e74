// Runs Vitest for as long as its owners live: the runner and the npm processes above it. See run.ts.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isRunning } from '@helix-agents/postgres-embedded/processes';
import { endRun, runMark } from './end-run.ts';
import { reportFile } from './report.ts';

const pollMs = 250;
const graceMs = 5_000;
/** A server that does not answer costs each of a file's tests its whole time-out: someone has to call an end. */
const maxRunMs = 30 * 60_000;
const [owners = '', ...vitestArguments] = process.argv.slice(2);
const ownerIds = owners.split(',').map(Number);

const vitest = spawn(process.execPath, [vitestProgram(), 'run', ...reporters(), ...vitestArguments], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
vitest.once('exit', (code) => process.exit(code ?? 1));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => endGently(signal));
setInterval(() => void endWithoutOwners(), pollMs);
setTimeout(() => {
  console.error(`the tests did not end within ${maxRunMs / 60_000} minutes`);
  void endNow();
}, maxRunMs);

async function endWithoutOwners(): Promise<void> {
  const running = await Promise.all(ownerIds.map(isRunning));
  if (!running.every(Boolean)) await endNow();
}

function endGently(signal: NodeJS.Signals): void {
  vitest.kill(signal);
  setTimeout(() => void endNow(), graceMs);
}

async function endNow(): Promise<void> {
  vitest.removeAllListeners('exit');
  vitest.kill('SIGKILL');
  await endRun({ mark: process.env[runMark] ?? '', groupId: process.pid });
  process.exit(1);
}

function vitestProgram(): string {
  return join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
}

function reporters(): string[] {
  return ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
}
