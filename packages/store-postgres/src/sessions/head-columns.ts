import { wakeAtOf, type SessionSnapshot } from '@helix-agents/core';

/** Run, phase, holder, wake-at (0: now) and updated-at, in the order of the statements. */
export type HeadColumns = readonly [string | null, string | null, string | null, number | null, number];

/** What a boundary writes to the head. */
export function headColumns(after: SessionSnapshot): HeadColumns {
  const { run, updatedAt } = after;
  const phase = run?.phase;
  // A running session is its owner's business: it is found through the lease.
  const holderId = phase?.at === 'running' ? phase.holderId : null;
  const wakeAt = holderId === null ? wakeAtOf(after) : null;
  return [run?.runId ?? null, phase?.at ?? null, holderId, wakeAt, updatedAt];
}
