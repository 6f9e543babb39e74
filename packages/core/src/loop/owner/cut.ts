import { HelixError } from '../../errors/helix-error.ts';
import type { Clock } from '../../ports/ports.ts';

/** Said in place of a result by {@link Cut.unlessStopped}. */
export const stopped: unique symbol = Symbol('stopped');

/**
 * What cuts an owner's work short: a stop, or the loss of its lease. It owns the signal that work in flight gets.
 *
 * 1. A lost lease outweighs a stop, whichever came first: nothing may be written any more.
 * 2. Whoever waits here leaves nothing behind when the wait is over, so that a run of many steps costs no memory.
 */
export class Cut {
  readonly #sessionId: string;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #controller = new AbortController();
  readonly #waiting = new Set<() => void>();
  #why: 'stop' | 'lost' | undefined;

  constructor(sessionId: string, clock: Pick<Clock, 'after'>) {
    this.#sessionId = sessionId;
    this.#clock = clock;
  }

  /** Aborted when work in flight must end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The same as the signal says, at a tenth of its cost: a reply asks for each delta. */
  get ended(): boolean {
    return this.#why !== undefined;
  }

  end(why: 'stop' | 'lost'): void {
    if (this.#why !== 'lost') this.#why = why;
    const code = why === 'stop' ? 'framework_cancelled' : 'state_lease_lost';
    this.#controller.abort(new HelixError(code, `the run was cut: ${why}`));
    for (const hear of this.#waiting) hear();
  }

  /** Whether work goes on; throws `state_lease_lost` where the session is not ours any more. */
  check(): 'go' | 'stopped' {
    if (this.#why === 'lost') throw lost(this.#sessionId);
    return this.#why === 'stop' ? 'stopped' : 'go';
  }

  /**
   * Waits for work that may not listen to the signal: it is left behind `graceMs` after the cut. Rejects as the work does, and
   * with `state_lease_lost` where the lease is gone by then.
   */
  unlessStopped<T>(work: Promise<T>, graceMs: number): Promise<T | typeof stopped> {
    return new Promise((resolve, reject) => {
      let cancelGrace = () => {};
      const end = (settle: () => void) => {
        this.#waiting.delete(begin);
        cancelGrace();
        if (this.#why === 'lost') reject(lost(this.#sessionId));
        else settle();
      };
      const leave = () => end(() => resolve(stopped));
      const begin = () => {
        this.#waiting.delete(begin);
        if (graceMs === 0) leave();
        else cancelGrace = this.#clock.after(graceMs, leave);
      };
      work.then(
        (value) => end(() => resolve(value)),
        (error: unknown) => end(() => reject(error)),
      );
      if (this.#why) begin();
      else this.#waiting.add(begin);
    });
  }
}

/** A stop came while user code ran that did not listen to it. */
export function leftBehind(what: string): HelixError {
  return new HelixError('framework_cancelled', `the run was stopped while ${what} ran`);
}

/** Whether user code was left behind: no fault of its own, the stop is what happened. */
export function wasLeftBehind(thrown: unknown): boolean {
  return HelixError.is(thrown, 'framework_cancelled');
}

/** The owner must not act any more; another one goes on. */
export function lost(sessionId: string): HelixError {
  return new HelixError('state_lease_lost', `session ${sessionId} has another owner, or may have`);
}

/** Whether something failed because the session has, or may have, another owner: it is no failure of the run. */
export function isLeaseLost(error: unknown): boolean {
  return HelixError.is(error, 'state_lease_lost');
}
