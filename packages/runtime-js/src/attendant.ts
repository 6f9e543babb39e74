import type { Clock } from '@helix-agents/core';

/** How long somebody waits for a chunk before the run is looked after, and how often from then on. */
const lookEveryMs = 1_000;

/**
 * Looks after a run for as long as somebody waits for it in vain: its owner may be gone, and where no process recovers, nobody else
 * would take it up. It leaves one timer behind, which ends by itself.
 */
export class Attendant {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #look: () => Promise<unknown>;
  #waiting = 0;
  #came = false;
  #cancelLook: (() => void) | undefined;

  constructor(clock: Pick<Clock, 'after'>, look: () => Promise<unknown>) {
    this.#clock = clock;
    this.#look = look;
  }

  waits(): void {
    this.#waiting += 1;
    this.#cancelLook ??= this.#clock.after(lookEveryMs, this.#lookAgain);
  }

  goesOn(): void {
    this.#waiting -= 1;
    this.#came = true;
  }

  /** Nobody will wait any more. */
  leave(): void {
    this.#cancelLook?.();
    this.#cancelLook = undefined;
  }

  readonly #lookAgain = (): void => {
    this.#cancelLook = undefined;
    if (this.#waiting === 0) return;
    // What could not be done now is tried again; whoever waits hears of the run from the store.
    if (!this.#came) this.#look().catch(() => {});
    this.#came = false;
    this.#cancelLook = this.#clock.after(lookEveryMs, this.#lookAgain);
  };
}
