import type { Chance } from '@helix-agents/core/testing';
import type { Scheduler } from '../scheduler.ts';

/** The clock of the store: right, but for some seconds. */
export class StoreClock {
  readonly #scheduler: Scheduler;
  #jumpedMs = 0;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  now(): number {
    return 1_000_000 + this.#scheduler.now + this.#jumpedMs;
  }

  /** By less than the grace of a takeover in all: that is there for clocks that differ. */
  jump(chance: Chance): void {
    this.#jumpedMs = chance.pick([-4_500, 0, 4_500]);
  }
}
