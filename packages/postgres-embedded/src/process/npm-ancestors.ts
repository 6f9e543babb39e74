import { listProcesses, type ProcessEntry } from './process-table.ts';

/** A runner names its process after what it runs ("npm run demo"), or shows the script that it is. */
const scriptRunner = /^(npm|npx|pnpm|yarn|bun)(\s|$)|\/(npm-cli|npx-cli|pnpm|yarn)\.[cm]?js(\s|$)/;

/**
 * The processes of npm, pnpm, yarn or bun that started this one, nearest first; empty when it was started by hand.
 *
 * For a program that should not outlive `npm run …`: whoever kills npm with SIGKILL leaves its script behind without a word.
 * Only our own job (process group) counts: what was started to stay in the background is not pulled down with npm.
 */
export async function npmAncestors(): Promise<number[]> {
  return npmAncestorsIn(await listProcesses(), process.pid);
}

/** {@link npmAncestors} of any process, from a process table. */
export function npmAncestorsIn(processes: readonly ProcessEntry[], pid: number): number[] {
  const byPid = new Map(processes.map((entry) => [entry.pid, entry]));
  const found: number[] = [];
  const own = byPid.get(pid);
  let entry = own && byPid.get(own.parentPid);
  while (entry && entry.groupId === own?.groupId) {
    if (scriptRunner.test(entry.command)) found.push(entry.pid);
    entry = byPid.get(entry.parentPid);
  }
  return found;
}
