import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { readlink } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { isRunning, listProcesses } from '../src/process/process-table.ts';

/** A program that owns a server, and what belongs to it. */
export interface Owner {
  readonly child: ChildProcess;
  readonly connectionString: string;
  /** The data directory of the running server. */
  readonly folder: string;
  readonly postmaster: number;
  readonly supervisor: number;
  /** The supervisor and all that it started. */
  readonly pids: readonly number[];
}

/** One line of JSON: of its server, or why it has none. */
export interface OwnerWords {
  readonly connectionString: string;
  readonly pid: number;
  readonly folder: string;
  readonly failed?: string;
}

export const ownerProgram = fileURLToPath(new URL('owner-program.ts', import.meta.url));

/** How to run a source file with the Node that runs us. */
export const nodeArguments = ['--experimental-strip-types', '--disable-warning=ExperimentalWarning'];

export function spawnOwner(
  options: object,
  {
    program = ownerProgram,
    node = process.execPath,
    ...spawnOptions
  }: SpawnOptions & { program?: string; node?: string } = {},
) {
  return spawn(node, [...nodeArguments, program, JSON.stringify(options)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    ...spawnOptions,
  });
}

/** Resolves when the owner in the child process has its server. */
export async function ownerIn(child: ChildProcess): Promise<Owner> {
  const { connectionString, pid, folder } = await firstWords(child);
  const processes = await listProcesses();
  const supervisor = processes.find((entry) => entry.pid === pid)?.parentPid ?? 0;
  const children = (parent: number): number[] =>
    processes.filter((each) => each.parentPid === parent).map((each) => each.pid);
  return {
    child,
    connectionString,
    folder: folder === '/proc/self/cwd' ? await readlink(`/proc/${pid}/cwd`) : folder,
    postmaster: pid,
    supervisor,
    pids: [supervisor, ...children(supervisor), ...children(pid)],
  };
}

/** What the owner says first. */
export async function firstWords(child: ChildProcess): Promise<OwnerWords> {
  if (!child.stdout) throw new Error('the owner has no standard output');
  for await (const line of createInterface({ input: child.stdout })) if (line.startsWith('{')) return JSON.parse(line);
  throw new Error('the owner ended without a word');
}

/** The processes that still run when the time is up; resolves early when none does. */
export async function stillRunning(pids: readonly number[], withinMs: number): Promise<readonly number[]> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const running = await Promise.all(pids.map(isRunning));
    const left = pids.filter((_, index) => running[index]);
    if (left.length === 0 || Date.now() > deadline) return left;
    await delay(20);
  }
}
