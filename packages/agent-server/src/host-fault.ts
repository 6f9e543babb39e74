import { HelixError } from '@helix-agents/core';

/** A fault of who configured the server, not of who asks. */
export function hostFault(message: string): HelixError {
  return new HelixError('framework_internal', message);
}
