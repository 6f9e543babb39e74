import { HelixError } from '../../errors/helix-error.ts';
import type { Decision } from '../decide/decision.ts';
import type { Owner } from '../owner/owner.ts';
import { giveUp } from './give-up.ts';
import { settle } from './settle.ts';

/** Ends a run that cannot go on for a reason that no decision foresees: nothing of it stays open, and the error is recorded. */
export async function failRun(owner: Owner, thrown: unknown): Promise<Decision> {
  const error = HelixError.from(thrown, 'framework_internal').toDetail();
  const { session } = owner;
  const given = await giveUp(owner, session, 'run_stopped', 'abort');
  const { step, ...head } = given.head ?? {};
  if (step)
    return settle(owner, { ...given, head: { ...head, step: { op: 'close', verdict: { is: 'broken', error } } } });
  const failed = {
    op: 'failed',
    step: owner.run.stepCount + 1,
    mode: 'normal',
    attempt: 1,
    error,
    retryAt: null,
  } as const;
  return settle(owner, { ...given, head: { ...head, step: failed } });
}
