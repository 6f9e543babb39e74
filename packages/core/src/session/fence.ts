import type { CommitOutcome, Fence, HeadRow } from './commit.ts';
import type { SessionSnapshot } from './snapshot.ts';

type Refusal = Extract<CommitOutcome, { landed: false }>['reason'];

/**
 * Why a commit under this fence cannot land on a session that stands so; null where it can. `head` is null where there is no such
 * session; `lastToken` is that of its last commit.
 */
export function refusalOf(head: HeadRow | null, lastToken: string | null, fence: Fence): Refusal | null {
  if (fence.as === 'owner') {
    if (!head) return 'stale';
    if (fence.epoch !== head.epoch) return 'fenced';
    if (fence.lastToken !== lastToken) return 'stale';
  } else if ((head?.runId ?? null) !== fence.expectRunId) return 'stale';
  if ((head?.version ?? 0) !== fence.version) return 'stale';
  return fence.inbox === undefined || fence.inbox === (head?.inbox ?? 0) ? null : 'inbox-moved';
}

/** Where a session stands, for whoever was refused. */
export function headRowOf({ version, epoch, inbox, run }: SessionSnapshot): HeadRow {
  return { version, epoch, inbox, runId: run?.runId ?? null, phase: run?.phase.at ?? null };
}
