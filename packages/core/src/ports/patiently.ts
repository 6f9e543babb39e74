import { Outage } from './outage.ts';
import { Patience } from './patience.ts';
import type { RuntimePorts } from './ports.ts';

const outageWords = { begins: 'the store does not answer; asking again', ends: 'the store answers again' };

/**
 * Asks a store for somebody who waits for a run.
 *
 * @throws HelixError `state_store_unavailable` once the store has not answered for a minute; at once what no repetition changes
 */
export async function patiently<T>(ports: RuntimePorts, ask: () => Promise<T>, abortSignal?: AbortSignal): Promise<T> {
  const patience = new Patience(ports.clock);
  const outage = new Outage(ports, outageWords);
  for (;;) {
    try {
      const answer = await ask();
      outage.answered();
      return answer;
    } catch (error) {
      if (!patience.mayRepeat(error)) throw error;
      outage.failed(error);
    }
    await ports.clock.sleep(patience.pauseMs, abortSignal);
  }
}
