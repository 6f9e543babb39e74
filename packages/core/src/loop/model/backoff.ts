import { retryAfterMsOf } from '../../contracts/llm-adapter.ts';
import type { Limits } from '../../ports/limits.ts';
import type { Random } from '../../ports/ports.ts';
import type { JsonObject } from '../../values/json.ts';

/** A model call that failed. */
interface Failure {
  readonly attempt: number;
  readonly error: { readonly details?: JsonObject | undefined };
}

/** Doubles from attempt to attempt, with half of it left to chance; a provider that asks for more gets it. */
export function backoffMs(limits: Limits, random: Pick<Random, 'fraction'>, { attempt, error }: Failure): number {
  const full = fullBackoffMs(limits, attempt);
  return Math.max(askedMs(error), full / 2 + (full / 2) * random.fraction());
}

/** No wait that these limits allow after such a failure is longer. */
export function longestBackoffMs(limits: Limits, { attempt, error }: Failure): number {
  return Math.max(Math.min(askedMs(error), limits.maxRetryAfterMs), fullBackoffMs(limits, attempt));
}

function fullBackoffMs({ backoffMs: firstMs, maxBackoffMs }: Limits, attempt: number): number {
  return Math.min(maxBackoffMs, firstMs * 2 ** (attempt - 1));
}

function askedMs({ details }: Failure['error']): number {
  return retryAfterMsOf(details) ?? 0;
}
