import { Patience, type RuntimePorts } from '@helix-agents/core';

/**
 * Asks a store for somebody who waits for a run.
 *
 * @throws HelixError `state_store_unavailable` once the store has not answered for a minute; at once what no repetition changes
 */
export async function patiently<T>(
  { clock, logger }: RuntimePorts,
  ask: () => Promise<T>,
  abortSignal?: AbortSignal,
): Promise<T> {
  const patience = new Patience(clock);
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!patience.mayRepeat(error)) throw error;
      logger.log('warn', 'the store does not answer; asking again', { error });
    }
    await clock.sleep(patience.pauseMs, abortSignal);
  }
}
