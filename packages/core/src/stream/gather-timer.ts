import type { Clock } from '../ports/ports.ts';

/** How long chunks are gathered after a batch went out; one that comes later goes at once. */
const gatherMs = 20;

/**
 * Says when what is gathered goes. Its timer is left armed when a batch goes early: most batches do, and it costs more to set
 * one than to look at the clock when it fires.
 */
export class GatherTimer {
  readonly #clock: Pick<Clock, 'monotonic' | 'after'>;
  readonly #askAgain: () => void;
  #dueAt = -Infinity;
  #cancel: (() => void) | undefined;

  /** `askAgain` is called some time after `isDue` was false. */
  constructor(clock: Pick<Clock, 'monotonic' | 'after'>, askAgain: () => void) {
    this.#clock = clock;
    this.#askAgain = askAgain;
  }

  isDue(): boolean {
    return this.#cancel ? false : this.#isTime();
  }

  #isTime(): boolean {
    const waitMs = this.#dueAt - this.#clock.monotonic();
    // Timers count whole milliseconds, and what is left of one is not worth another.
    if (waitMs < 1) return true;
    this.#cancel = this.#clock.after(waitMs, () => {
      this.#cancel = undefined;
      this.#askAgain();
    });
    return false;
  }

  /** A batch goes out. */
  renew(): void {
    this.#dueAt = this.#clock.monotonic() + gatherMs;
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
