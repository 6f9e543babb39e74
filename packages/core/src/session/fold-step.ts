import type { CommitRecord, StepChange } from './commit.ts';
import { changeCalls, withoutDebt } from './fold-calls.ts';
import type { OpenStep, StepVerdict } from './snapshot.ts';

/** What a run begins with: nothing was judged yet. */
export const goOn: StepVerdict = { is: 'continue' };

/** The open step after a commit; null where none is open. */
export function foldStep(before: OpenStep | null, commit: CommitRecord): OpenStep | null {
  const change = commit.head?.step;
  const base = commit.run?.op === 'start' ? null : before;
  const step = change ? stepAfter(change) : base;
  if (step?.at !== 'calls' || !commit.calls) return step;
  return { ...step, calls: changeCalls(step.calls, commit.calls).map((call) => withoutDebt(call, commit)) };
}

function stepAfter(change: StepChange): OpenStep | null {
  if (change.op === 'close') return null;
  const { step, mode } = change;
  if (change.op === 'failed') {
    return { at: 'failed', step, mode, attempt: change.attempt, error: change.error, retryAt: change.retryAt };
  }
  return change.calls.length > 0 ? { at: 'calls', step, mode, calls: change.calls } : null;
}

/**
 * A user's message opens the question again: what was done before it is not the end any more. That holds too where the message and
 * the end of the step before it are in one commit. What broke stays broken.
 */
export function foldVerdict(before: StepVerdict, { head, run, messages }: CommitRecord): StepVerdict {
  if (run?.op === 'start') return goOn;
  const step = head?.step;
  // A reply with calls is judged when these are over.
  const verdict = (step?.op === 'close' || step?.op === 'reply' ? step.verdict : undefined) ?? before;
  if (verdict.is === 'broken' || head?.verdictStays) return verdict;
  return messages?.some((message) => message.role === 'user') ? goOn : verdict;
}
