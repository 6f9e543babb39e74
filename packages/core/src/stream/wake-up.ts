import type { Clock } from '../ports/ports.ts';

const awake = /* @__PURE__ */ Promise.resolve();

/**
 * Lets one party sleep until others ring. A ring while it is awake is not lost: the next sleep ends at once. Who
 * wakes asks `wasRung`, and so takes note of every ring until then.
 *
 * Its timer is left armed when a ring ends the sleep: most sleeps end so, and a look at the clock when it fires is cheaper than
 * a timer for each.
 */
export class WakeUp {
  readonly #clock: Pick<Clock, 'after' | 'monotonic'>;
  #rung = false;
  #wake: (() => void) | undefined;
  #wakeAt = Infinity;
  #timerAt = Infinity;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Pick<Clock, 'after' | 'monotonic'>) {
    this.#clock = clock;
  }

  readonly ring = (): void => {
    this.#rung = true;
    this.#wake?.();
  };

  /** Resolves after a ring, or after `ms`. */
  sleep(ms: number): Promise<void> {
    if (this.#rung) return awake;
    this.#wakeAt = this.#clock.monotonic() + ms;
    if (this.#timerAt > this.#wakeAt) this.#startTimer(ms);
    return new Promise<void>((resolve) => (this.#wake = resolve));
  }

  /** Whether somebody rang since this was asked before. */
  wasRung(): boolean {
    const rung = this.#rung;
    this.#rung = false;
    this.#wake = undefined;
    return rung;
  }

  /** Nobody sleeps any more. */
  stop(): void {
    this.#cancelTimer?.();
    this.ring();
  }

  #startTimer(ms: number): void {
    this.#cancelTimer?.();
    this.#timerAt = this.#clock.monotonic() + ms;
    this.#cancelTimer = this.#clock.after(ms, () => {
      this.#timerAt = Infinity;
      const leftMs = this.#wakeAt - this.#clock.monotonic();
      // Timers count whole milliseconds.
      if (leftMs >= 1 && this.#wake) this.#startTimer(leftMs);
      else this.#wake?.();
    });
  }
}
