import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { promisify } from 'node:util';

/** One running process. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  readonly groupId: number;
  /** The command line, or the title that the process gave itself. */
  readonly command: string;
}

/** Every process that this user may see. Linux is asked through /proc, as slim images lack `ps`. */
export async function listProcesses(): Promise<readonly ProcessEntry[]> {
  return process.platform === 'linux' ? await listFromProc() : await listFromPs();
}

/** Whether a process runs; one that ended and waits to be collected by its parent does not. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const state = process.platform === 'linux' ? (await readStat(pid))?.state : undefined;
  return state !== 'Z' && state !== 'X';
}

async function listFromProc(): Promise<readonly ProcessEntry[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const entries = await Promise.all(pids.map(readEntry));
  return entries.filter((entry) => entry !== undefined);
}

async function readEntry(pid: number): Promise<ProcessEntry | undefined> {
  const [stat, commandLine] = await Promise.all([
    readStat(pid),
    readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
  ]);
  return (
    stat && { pid, parentPid: stat.parentPid, groupId: stat.groupId, command: commandLine.replaceAll('\0', ' ').trim() }
  );
}

/** `undefined` when the process is gone or hidden from us. */
async function readStat(pid: number): Promise<{ state: string; parentPid: number; groupId: number } | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The second field is the name in parentheses and may hold spaces and parentheses itself.
  const [state, parentPid, groupId] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  return state === undefined ? undefined : { state, parentPid: Number(parentPid), groupId: Number(groupId) };
}

async function listFromPs(): Promise<readonly ProcessEntry[]> {
  const { stdout } = await promisify(execFile)('/bin/ps', ['-A', '-ww', '-o', 'pid=,ppid=,pgid=,command=']);
  return stdout.split('\n').flatMap(parsePsLine);
}

function parsePsLine(line: string): ProcessEntry[] {
  const [, pid, parentPid, groupId, command] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
  if (command === undefined) return [];
  return [{ pid: Number(pid), parentPid: Number(parentPid), groupId: Number(groupId), command }];
}
