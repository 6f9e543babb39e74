import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { listProcesses } from '../process/process-table.ts';
import { canEnter, type ProcessUser } from '../process/process-user.ts';
import type { OrphanGuard } from './orphan-guard.ts';
import type { NativeProgram, ProcessExit, ServerPlan } from './supervisor-messages.ts';

/** A program that has been started on a data directory. */
export interface RunningProgram {
  readonly pid: number | undefined;
  /** Resolves when it ended, by itself or because the supervisor is ending. */
  readonly exited: Promise<ProcessExit>;
}

/** Starts a program of the package on the data directory, as the plan's user. It logs to our own standard error. */
export type RunProgram = (program: NativeProgram, pgdata: string, args: readonly string[]) => Promise<RunningProgram>;

/** A program ended where it should not have. */
export class ProgramExited extends Error {
  readonly program: NativeProgram;
  readonly exit: ProcessExit;

  constructor(program: NativeProgram, exit: ProcessExit) {
    super(`${program} ended`);
    this.program = program;
    this.exit = exit;
  }
}

/** What is asked of a server that must end, and how long it may take: a fast shutdown, an immediate one, none. */
const endings = [
  { signal: 'SIGINT', patienceMs: 1_000 },
  { signal: 'SIGQUIT', patienceMs: 1_000 },
] as const;

/** The server must not depend on who starts it: no locale, no time zone, no PG* variable of the owner's. */
const environment = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/local/bin:/usr/bin:/bin' };

/** Every program that the returned function starts is known to the guard and ends when `ending` aborts. */
export function programRunner(
  { binariesFolder, user }: Pick<ServerPlan, 'binariesFolder' | 'user'>,
  { guard, ending }: { guard: OrphanGuard; ending: AbortSignal },
): RunProgram {
  return async (program, pgdata, args) => {
    const path = await pathFor(pgdata, user);
    ending.throwIfAborted();
    const child = spawn(join(binariesFolder, 'bin', program), ['-D', path, ...args], {
      ...user,
      cwd: pgdata,
      env: environment,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const exited = new Promise<ProcessExit>((resolve) => {
      child.once('exit', (code, signal) => {
        guard.watch(undefined);
        resolve({ code, signal });
      });
    });
    guard.watch(child.pid);
    ending.addEventListener('abort', () => void endProgram(child, exited), { once: true });
    await once(child, 'spawn');
    return { pid: child.pid, exited };
  };
}

/**
 * Where the user may not enter a folder above the data, the path is of no use to it, but the folder that it was started in is:
 * Postgres takes an absolute path for what it is, and Linux has one for that folder.
 */
async function pathFor(pgdata: string, user: ProcessUser | undefined): Promise<string> {
  if (user === undefined || process.platform !== 'linux' || (await canEnter(pgdata, user))) return pgdata;
  return '/proc/self/cwd';
}

async function endProgram(child: ChildProcess, exited: Promise<ProcessExit>): Promise<void> {
  for (const { signal, patienceMs } of endings) {
    child.kill(signal);
    if (await settlesWithin(exited, patienceMs)) return;
  }
  const processes = await listProcesses();
  child.kill('SIGKILL');
  for (const { pid, parentPid } of processes) if (parentPid === child.pid) killStray(pid);
}

/** Most of them end by themselves when the server does. */
function killStray(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function settlesWithin(exited: Promise<ProcessExit>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(ms, false, { signal: timer.signal }).catch(() => false);
  const settled = await Promise.race([exited.then(() => true), late]);
  timer.abort();
  return settled;
}
