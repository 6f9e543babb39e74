import { lstat, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isRunning } from '../process/process-table.ts';

/** Containers may share the folder and not the process ids: a copy of these last minutes may be another's. */
const youngMs = 60_000;
/** No copy takes so long, whatever runs under its id by now. */
const oldMs = 3_600_000;

/** Where a copy is made before it is moved to `target`: the name says by whom. `mkdtemp` adds the rest. */
export function stagingPrefix(target: string): string {
  return `${target}-${process.pid}-`;
}

/** Removes what killed processes left of copies to `target`. What cannot be removed stays: nothing depends on it. */
export async function removeAbandonedCopies(target: string): Promise<void> {
  const root = dirname(target);
  const prefix = `${basename(target)}-`;
  const names = await readdir(root).catch(() => []);
  for (const name of names.filter((one) => one.startsWith(prefix))) {
    const path = join(root, name);
    const pid = Number(name.slice(prefix.length).split('-')[0]);
    if (await isAbandoned(path, pid).catch(() => false))
      await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

async function isAbandoned(path: string, pid: number): Promise<boolean> {
  const { uid, mtimeMs } = await lstat(path);
  const ageMs = Date.now() - mtimeMs;
  if (uid !== process.getuid?.() || ageMs < youngMs) return false;
  return ageMs > oldMs || (Number.isInteger(pid) && !(await isRunning(pid)));
}
