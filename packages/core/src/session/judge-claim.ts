import { isLive } from './run.ts';
import type { SessionSnapshot } from './snapshot.ts';

/** Who wants to own a session, for which runtime. The same token again is answered with what it came to. */
export interface ClaimRequest {
  readonly holderId: string;
  readonly runtime: string;
  readonly token: string;
  readonly resume?: boolean;
}

/**
 * What a claim comes to by the record alone. `ours`: it was answered before, and its holder is still the owner. `give`: it may have
 * the session. `give-if-due`: where something is due, or its owner's lease is over. Else, why it may not: nobody takes over from
 * itself, also where its lease ended.
 */
export function judgeClaim(
  { run, runtime, lastToken }: SessionSnapshot,
  request: ClaimRequest,
): 'ours' | 'give' | 'give-if-due' | 'not-live' | 'other-runtime' | 'owned' {
  if (!isLive(run)) return 'not-live';
  const { phase } = run;
  const isHolders = phase.at === 'running' && phase.holderId === request.holderId;
  if (isHolders && lastToken === request.token) return 'ours';
  if (runtime !== request.runtime) return 'other-runtime';
  if (isHolders) return 'owned';
  return request.resume === true && phase.at === 'parked' ? 'give' : 'give-if-due';
}
