import { HelixError } from '@helix-agents/core';
import type { ChatOptions } from '../chat-options.ts';
import { typedErrorResponse } from './typed-error.ts';

/** The response that the work comes to; where it fails, one with a typed error. */
export async function answerChat(
  { logger, maxStallMs = 1 }: Pick<ChatOptions<never, never>, 'logger' | 'maxStallMs'>,
  work: () => Promise<Response>,
): Promise<Response> {
  try {
    // The fault of the host, and told before anything is written: with NaN every client would be cut off at once.
    if (!(maxStallMs > 0)) throw new HelixError('framework_internal', `maxStallMs must be above 0, got ${maxStallMs}`);
    return await work();
  } catch (error) {
    return typedErrorResponse(error, logger);
  }
}
