import { HelixError, type Clock } from '@helix-agents/core';
import { failureKind, toHelixError } from './postgres-failure.ts';

export interface Repeatable<Outcome> {
  /** Writes; resolves with null where the statement had no effect. The same write again must change nothing. */
  readonly attempt: () => Promise<Outcome | null>;
  /** Reads afresh why there was no effect; undefined where nothing stands in the way. Default: nothing does. */
  readonly explain?: () => Promise<Outcome | undefined>;
  /** What to answer when time is up. */
  readonly unknown: (cause: unknown) => Outcome;
}

const firstPauseMs = 20;
const longestPauseMs = 500;

/**
 * Writes until it is known what became of it: a lost answer means the same write again.
 *
 * @throws HelixError where it can never succeed
 */
export async function repeatUntilKnown<Outcome>(
  { clock, commitTimeoutMs }: { readonly clock: Clock; readonly commitTimeoutMs: number },
  { attempt, explain, unknown }: Repeatable<Outcome>,
): Promise<Outcome> {
  const deadline = clock.monotonic() + commitTimeoutMs;
  let cause: unknown;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    try {
      const outcome = (await attempt()) ?? (await explain?.());
      if (outcome) return outcome;
    } catch (error) {
      if (!mayRepeat(error)) throw toHelixError(error);
      cause = error;
    }
    if (clock.monotonic() + pauseMs >= deadline) return unknown(cause ?? lockedAllTheTime());
    await clock.sleep(pauseMs);
  }
}

/** What nothing failed by, and nothing refused. */
function lockedAllTheTime(): HelixError {
  return new HelixError('state_store_unavailable', 'somebody kept what is to be written locked');
}

function mayRepeat(error: unknown): boolean {
  if (HelixError.is(error))
    return error.code === 'state_store_denied' || (error.code === 'state_store_unavailable' && error.retryable);
  return !(error instanceof TypeError || error instanceof RangeError) && failureKind(error) === 'again';
}
