import type { Clock } from '@helix-agents/core';
import type { Actor, Scheduler } from './scheduler.ts';

const epochMs = 1_000_000;

/** The clock of one process: its wall time may jump, its monotonic time may stand still while it is frozen, never both. */
export class ProcessClock implements Clock {
  readonly #scheduler: Scheduler;
  readonly #actor: Actor;
  #jumpedMs = 0;
  #stoodMs = 0;

  constructor(scheduler: Scheduler, actor: Actor) {
    this.#scheduler = scheduler;
    this.#actor = actor;
  }

  now(): number {
    return epochMs + this.#scheduler.now + this.#jumpedMs;
  }

  monotonic(): number {
    return this.#scheduler.now - this.#stoodMs;
  }

  /** Sets the wall clock. */
  jump(ms: number): void {
    this.#jumpedMs += ms;
  }

  /** The monotonic clock did not count the time of a freeze, as after a suspended machine. */
  stoodStill(ms: number): void {
    this.#stoodMs += ms;
  }

  sleep(ms: number, abortSignal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (abortSignal?.aborted) return reject(abortSignal.reason as Error);
      const stop = () => {
        cancel();
        reject(abortSignal?.reason as Error);
      };
      const cancel = this.after(ms, () => {
        abortSignal?.removeEventListener('abort', stop);
        resolve();
      });
      abortSignal?.addEventListener('abort', stop, { once: true });
    });
  }

  after(ms: number, callback: () => void): () => void {
    return this.#scheduler.after(this.#actor, ms, 'timer', callback);
  }
}
