import type { Fence, HeadRow, SessionSnapshot } from '@helix-agents/core';

/** Why a commit under this fence cannot land now; null where it can. */
export function checkFence(head: SessionSnapshot | null, fence: Fence): 'stale' | 'fenced' | 'inbox-moved' | null {
  if (fence.as === 'owner') {
    if (!head) return 'stale';
    if (fence.epoch !== head.epoch) return 'fenced';
  } else if ((head?.run?.runId ?? null) !== fence.expectRunId) {
    return 'stale';
  }
  if ((head?.version ?? 0) !== fence.version) return 'stale';
  if (fence.as === 'owner' && (fence.lastToken ?? head?.lastToken) !== head?.lastToken) return 'stale';
  return fence.inbox === undefined || fence.inbox === (head?.inbox ?? 0) ? null : 'inbox-moved';
}

/** Where a session stands, for whoever was refused. */
export function headRowOf({ version, epoch, inbox, run }: SessionSnapshot): HeadRow {
  return { version, epoch, inbox, runId: run?.runId ?? null, phase: run?.phase.at ?? null };
}
