import type { CommitRecord } from './commit.ts';
import { fold } from './fold.ts';
import type { RunRecord } from './run.ts';
import type { SessionSnapshot } from './snapshot.ts';

/** Of a commit that starts a run: the run that was there before, as that commit leaves it, ended where it was live. */
export function supersededRun(before: SessionSnapshot, { run, ...record }: CommitRecord): RunRecord | null {
  if (run?.op !== 'start' || !run.supersedes) return before.run;
  const { v, token, at, version, epoch } = record;
  return fold(before, { v, token, at, version, epoch, run: run.supersedes }).run;
}
