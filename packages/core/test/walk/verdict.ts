import type { StepVerdict } from '../../src/session/snapshot.ts';
import type { Picks } from './picks.ts';

/** How anything in a walk fails. */
export const error = { message: 'no', code: 'provider_error', category: 'provider', retryable: true } as const;

const verdicts: readonly StepVerdict[] = [
  { is: 'continue' },
  { is: 'continue' },
  { is: 'done', reason: 'stop_when' },
  { is: 'needs-output', misses: 1 },
  { is: 'needs-output', misses: 2 },
  { is: 'broken', error },
];

/** What judges make of a step. */
export function verdictOf(picks: Picks): StepVerdict {
  return verdicts[picks.pick(verdicts.length)] ?? { is: 'continue' };
}
