import { HelixError } from '@helix-agents/core';
import type { ChatOptions } from '../chat-options.ts';
import { typedErrorResponse } from './typed-error.ts';

type Checked = Pick<ChatOptions<never, never>, 'logger' | 'maxStallMs' | 'authorize' | 'identity'>;

/** The response that the work comes to; where it fails, one with a typed error. */
export async function answerChat(options: Checked, work: () => Promise<Response>): Promise<Response> {
  try {
    checkHost(options);
    return await work();
  } catch (error) {
    return typedErrorResponse(error, options.logger);
  }
}

/** What is the fault of the host is told before anything is written. */
function checkHost(options: Checked): void {
  const { maxStallMs = 1 } = options;
  // With NaN every client would be cut off at once.
  if (!(maxStallMs > 0)) throw new HelixError('framework_internal', `maxStallMs must be above 0, got ${maxStallMs}`);
  // Whoever came to no judge, or to no user, would let everybody in.
  for (const name of ['authorize', 'identity'] as const)
    if (Object.hasOwn(options, name) && options[name] === undefined)
      throw new HelixError('framework_internal', `${name} is undefined: leave it out where sessions are everybody's`);
}
