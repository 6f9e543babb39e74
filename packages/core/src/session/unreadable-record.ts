import { HelixError } from '../errors/helix-error.ts';

/** A record says what no release writes. */
export function unreadable(message: string): HelixError {
  return new HelixError('state_record_unreadable', message);
}
