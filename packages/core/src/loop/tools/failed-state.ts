import type { HelixError } from '../../errors/helix-error.ts';
import type { CallState } from '../../session/call.ts';

/** The end of a call that failed, with what the model is told of it. */
export function failedState(error: HelixError): CallState {
  return { at: 'failed', error: error.toDetail() };
}
