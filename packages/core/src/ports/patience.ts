import { HelixError } from '../errors/helix-error.ts';
import { mayPass } from '../errors/may-pass.ts';
import type { Clock } from './ports.ts';

/** How long a store that does not answer is asked again before the caller is told. */
const patienceMs = 60_000;

/**
 * The patience of somebody who only waits for a run, or reads it. The run outlives an outage of its store, and so does the waiting:
 * for a minute at a time.
 */
export class Patience {
  /** Between two tries. */
  readonly pauseMs = 250;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #failingSince: number | null = null;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Whether to ask again after a failure: the store may come back, and has not been away for too long. */
  mayRepeat(error: unknown): boolean {
    if (!mayPass(HelixError.from(error, 'framework_internal'))) return false;
    const now = this.#clock.monotonic();
    this.#failingSince ??= now;
    return now - this.#failingSince < patienceMs;
  }

  /** The store answered. */
  renew(): void {
    this.#failingSince = null;
  }
}
