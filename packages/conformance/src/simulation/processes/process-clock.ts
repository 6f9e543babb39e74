import { sleepOver, type Clock } from '@helix-agents/core';
import { userWork, type Actor, type Scheduler } from '../scheduler.ts';

const epochMs = 1_000_000;

/** Which of its two times a process cannot trust. A machine where both are wrong at once keeps no lease. */
export type WrongClock = 'wall' | 'monotonic';

/** The clock of one process: either its wall time jumps, or its monotonic time stands still while it is frozen. */
export class ProcessClock implements Clock {
  readonly #scheduler: Scheduler;
  readonly #actor: Actor;
  readonly #wrong: WrongClock;
  #jumpedMs = 0;
  #stoodMs = 0;

  constructor(scheduler: Scheduler, actor: Actor, wrong: WrongClock) {
    this.#scheduler = scheduler;
    this.#actor = actor;
    this.#wrong = wrong;
  }

  now(): number {
    return epochMs + this.#scheduler.now + this.#jumpedMs;
  }

  monotonic(): number {
    return this.#scheduler.now - this.#stoodMs;
  }

  /** Somebody sets the wall clock. */
  jump(ms: number): void {
    if (this.#wrong === 'wall') this.#jumpedMs += ms;
  }

  /** The monotonic clock may not have counted the time of a freeze, as on a machine that was suspended. */
  wasFrozen(ms: number): void {
    if (this.#wrong === 'monotonic') this.#stoodMs += ms;
  }

  sleep(ms: number, abortSignal?: AbortSignal): Promise<void> {
    return sleepOver(this, ms, abortSignal);
  }

  /** The sleep of a body, a hook or a model. */
  work(ms: number, abortSignal?: AbortSignal): Promise<void> {
    const after: Clock['after'] = (forMs, callback) => this.#scheduler.after(this.#actor, forMs, userWork, callback);
    return sleepOver({ after }, ms, abortSignal);
  }

  after(ms: number, callback: () => void): () => void {
    return this.#scheduler.after(this.#actor, ms, 'timer', callback);
  }
}
