import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, listProcesses } from '@helix-agents/postgres-embedded/processes';

/** Marks, in the environment, the processes of a test run, whatever their parent or group has become. */
export const runMark = 'HELIX_TEST_RUN';

export interface TestRun {
  mark: string;
  /** The process group that the run began in. */
  groupId: number;
}

/** Long enough for a server's supervisor to end its server, short enough that 3 seconds after a kill nothing runs. */
const graceMs = 1_500;
const givingUpMs = 5_000;
const pollMs = 50;

/** Ends what is left of a run: asks each process once, then kills. Resolves when nothing of it runs. */
export async function endRun(run: TestRun): Promise<void> {
  const asked = new Set<number>();
  const start = performance.now();
  for (;;) {
    const left = await processesOf(run);
    const elapsedMs = performance.now() - start;
    if (left.length === 0 || elapsedMs > givingUpMs) return;
    for (const pid of left) {
      if (elapsedMs > graceMs) signal(pid, 'SIGKILL');
      else if (!asked.has(pid)) signal(pid, 'SIGTERM');
      asked.add(pid);
    }
    await sleep(pollMs);
  }
}

/** Everything of the run but this process. */
async function processesOf({ mark, groupId }: TestRun): Promise<number[]> {
  const others = (await listProcesses()).filter(({ pid }) => pid !== process.pid);
  const ours = await Promise.all(
    others.map(
      async (each) => (each.groupId === groupId || (await hasMark(each.pid, mark))) && (await isRunning(each.pid)),
    ),
  );
  return others.filter((_, index) => ours[index]).map(({ pid }) => pid);
}

/** Only Linux shows another process's environment; elsewhere the group has to do. */
async function hasMark(pid: number, mark: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  return environment.split('\0').includes(`${runMark}=${mark}`);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself in the meantime.
  }
}
