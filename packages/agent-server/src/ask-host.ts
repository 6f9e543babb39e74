import { HelixError, type Clock } from '@helix-agents/core';

/** How long a sign-in may take; who waits longer for a page has left. */
const deadlineMs = 30_000;

/**
 * Waits for an answer of the host's own functions, and not for ever.
 *
 * @throws HelixError `auth_unavailable` where none came within 30 seconds
 */
export async function askHost<T>(name: string, clock: Pick<Clock, 'after'>, answer: T | Promise<T>): Promise<T> {
  let cancel = () => {};
  const deadline = new Promise<never>((_, reject) => {
    const late = () => reject(new HelixError('auth_unavailable', `${name} gave no answer within ${deadlineMs} ms`));
    cancel = clock.after(deadlineMs, late);
  });
  return Promise.race([answer, deadline]).finally(() => cancel());
}
