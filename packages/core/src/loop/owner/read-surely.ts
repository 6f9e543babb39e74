import { HelixError } from '../../errors/helix-error.ts';
import { mayPass } from '../../errors/may-pass.ts';
import { Outage } from '../../ports/outage.ts';
import type { RuntimePorts } from '../../ports/ports.ts';
import type { LeaseGuard } from '../lease/lease-guard.ts';

const pauseMs = 250;

const outageWords = { begins: 'the store could not be read; asking again', ends: 'the store could be read again' };

interface ReadParts {
  readonly ports: Pick<RuntimePorts, 'clock' | 'logger'>;
  readonly lease: LeaseGuard;
}

/**
 * Reads from the store until it answers: a lost packet ends no run (P4). Rejects for what a repetition cannot change, and with
 * `state_lease_lost` once the lease has ended.
 */
export async function readSurely<T>({ ports, lease }: ReadParts, read: () => Promise<T>): Promise<T> {
  const outage = new Outage(ports, outageWords);
  for (;;) {
    try {
      const answer = await read();
      outage.answered();
      return answer;
    } catch (thrown) {
      if (!mayPass(HelixError.from(thrown, 'state_store_unavailable'))) throw thrown;
      outage.failed(thrown);
    }
    await ports.clock.sleep(pauseMs);
    if (!lease.mayStartEffect()) await lease.untilSafe();
  }
}
