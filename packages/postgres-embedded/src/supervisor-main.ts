/**
 * The process between an owner (the program that called startPostgres) and its Postgres. It owns the server's processes and
 * its temporary data; the owner owns nothing but the connection to this process.
 *
 * 1. There is one way to end: the connection to the owner closes, which the system does for an owner killed in any way.
 * 2. Whatever ends the owner does not end us first: we are in a session of our own and do not take Ctrl-C for ours.
 * 3. When this process exits, its server is gone and so is what was temporary. Should this process itself be killed, the
 *    orphan guard sees to that.
 */
import { isRunning } from './process/process-table.ts';
import { supervise } from './supervisor/supervise.ts';
import type { ServerPlan, SupervisorMessage } from './supervisor/supervisor-messages.ts';

const pollMs = 250;
const ending = new AbortController();
const end = (): void => ending.abort();

process.once('disconnect', end);
process.once('SIGTERM', end);
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
process.once('message', (plan: ServerPlan) => void run(plan));

async function run(plan: ServerPlan): Promise<void> {
  const poll = setInterval(() => void endWithout(plan.alsoEndWith), pollMs);
  await supervise(plan, { report, ending: ending.signal });
  clearInterval(poll);
  if (process.connected) process.disconnect();
}

async function endWithout(pids: readonly number[]): Promise<void> {
  const running = await Promise.all(pids.map(isRunning));
  if (!running.every(Boolean)) end();
}

/** An owner that is gone needs no report. */
async function report(message: SupervisorMessage): Promise<void> {
  await new Promise<void>((resolve) => (process.connected ? process.send?.(message, () => resolve()) : resolve()));
}
