import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import { ProgramExited, type RunningProgram, type RunProgram } from './native-program.ts';
import { removeStaleLock } from './stale-lock.ts';
import type { ServerPlan } from './supervisor-messages.ts';

const pollMs = 10;
const attempts = 5;

/** Starts Postgres on the cluster and resolves when it accepts connections. Between finding a port and binding it, another may. */
export async function startServer(
  cluster: Cluster,
  plan: Pick<ServerPlan, 'port' | 'settings'>,
  run: RunProgram,
  findPort: () => Promise<number> = freePort,
): Promise<{ server: RunningProgram; port: number }> {
  const settings = plan.settings.flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  await removeStaleLock(cluster.pgdata);
  for (let attempt = 1; ; attempt += 1) {
    const port = plan.port ?? (await findPort());
    const server = await run('postgres', cluster.pgdata, ['-p', String(port), ...settings]);
    if (await becomesReady(server, cluster.pgdata)) return { server, port };
    const unlucky = plan.port === undefined && attempt < attempts && !(await isFree(port));
    if (!unlucky) throw new ProgramExited('postgres', await server.exited);
  }
}

/** Postgres writes its state into its lock file, which is what pg_ctl reads, too; the log can be set to anything. */
async function becomesReady(server: RunningProgram, pgdata: string): Promise<boolean> {
  const exited = server.exited.then(() => true);
  do {
    const lock = (await readFile(join(pgdata, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
    if (Number(lock[0]) === server.pid && lock[7]?.trim() === 'ready') return true;
  } while (!(await Promise.race([exited, delay(pollMs, false)])));
  return false;
}

async function freePort(): Promise<number> {
  return await listenOnce(0);
}

async function isFree(port: number): Promise<boolean> {
  return await listenOnce(port).then(
    () => true,
    () => false,
  );
}

async function listenOnce(port: number): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const { port: taken } = server.address() as { port: number };
      server.close(() => resolve(taken));
    });
  });
}
