import type { CommitRecord } from './commit.ts';
import type { RunChange, RunRecord, RunStart } from './run.ts';
import { unreadable } from './unreadable-record.ts';

/** The run after a commit. */
export function foldRun(before: RunRecord | null, { run: change }: CommitRecord): RunRecord | null {
  if (!change) return before;
  if (change.op === 'start') return startRun(change);
  if (!before) throw unreadable('a commit changes a run that never started');
  return { ...before, phase: phaseAfter(change), takeovers: before.takeovers + takeover(change) };
}

function startRun({ runId, turn, entry, key, startedAt, startSequence, claim }: RunStart): RunRecord {
  const phase: RunRecord['phase'] = claim ? { at: 'running', holderId: claim.holderId } : { at: 'queued' };
  return { v: 1, runId, turn, entry, key, startedAt, startSequence, stepCount: 0, takeovers: 0, phase };
}

function phaseAfter(change: Exclude<RunChange, RunStart>): RunRecord['phase'] {
  if (change.op === 'claim') return { at: 'running', holderId: change.holderId };
  if (change.op === 'park') return { at: 'parked', on: change.on };
  const { op: _, ...end } = change;
  return { at: 'ended', ...end };
}

function takeover(change: RunChange): number {
  return change.op === 'claim' && change.takeover ? 1 : 0;
}

/** A reply or closed step is progress: it counts, and wipes out earlier takeovers. */
export function progressed(run: RunRecord | null, { head }: CommitRecord): RunRecord | null {
  if (!run) return run;
  const step = head?.step;
  const stepCount = step?.op === 'reply' ? step.step : run.stepCount;
  const moved = step?.op === 'reply' || step?.op === 'close' || head?.forgiven;
  return moved ? { ...run, stepCount, takeovers: 0 } : run;
}
