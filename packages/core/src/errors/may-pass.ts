import type { HelixError } from './helix-error.ts';

/**
 * Whether what a store answered may be over with nothing changed in this process. So may a login that is refused, while a password is
 * changed or a database restored: who calls is told at once, but a run that is under way outlives it, and so do those who wait for it.
 */
export function mayPass({ retryable, code }: HelixError): boolean {
  return retryable || code === 'state_store_denied';
}
