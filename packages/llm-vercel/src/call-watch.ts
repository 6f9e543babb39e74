import { HelixError, type Clock } from '@helix-agents/core';

/** Limits of a model call, in milliseconds. */
export interface CallLimits {
  readonly totalMs: number;
  readonly quietMs: number;
}

/**
 * Watches over one model call: cuts it when the caller aborts, when it takes too long, or when nothing is heard for too long.
 *
 * 1. `signal` is aborted once, with the caller's reason or `provider_timeout`; it goes into the request, so the connection is
 *    cut as well.
 * 2. A chunk costs no timer: the one for silence is set again only when it fires too early, or must fire sooner.
 */
export class CallWatch {
  readonly #cut = new AbortController();
  readonly #clock: Pick<Clock, 'monotonic' | 'after'>;
  readonly #caller: AbortSignal;
  readonly #cancelTotal: () => void;
  #quietMs = 0;
  #quietUntil = 0;
  #armedUntil = Number.POSITIVE_INFINITY;
  #cancelQuiet = () => {};
  #released = false;

  constructor(caller: AbortSignal, { totalMs, quietMs }: CallLimits, clock: Pick<Clock, 'monotonic' | 'after'>) {
    this.#clock = clock;
    this.#caller = caller;
    caller.addEventListener('abort', this.#obey, { once: true });
    this.#cancelTotal = this.#after(totalMs, () => this.#giveUp(`the model call took longer than ${totalMs} ms`));
    this.heard(quietMs);
  }

  get signal(): AbortSignal {
    return this.#cut.signal;
  }

  /** Something arrived; the next may take `quietMs`. */
  heard(quietMs: number): void {
    this.#quietMs = quietMs;
    this.#quietUntil = this.#clock.monotonic() + quietMs;
    if (this.#quietUntil < this.#armedUntil) this.#arm(quietMs);
  }

  /** The outcome of `work`, or a rejection as soon as the call is cut, even where `work` does not notice. */
  race<T>(work: Promise<T>): Promise<T> {
    const cut = new Promise<never>((_, reject) => {
      this.signal.addEventListener('abort', () => reject(this.signal.reason as Error), { once: true });
    });
    return Promise.race([work, cut]);
  }

  /** The reply is whole; what is left of its connection may take five seconds more, so that the next step can use it. */
  release({ rest }: { readonly rest: Promise<void> }): void {
    if (this.signal.aborted) return;
    this.#released = true;
    const cancel = this.#after(5_000, () => this.#cut.abort());
    void rest.finally(cancel);
  }

  /** Lets go of the caller and the timers, and cuts what still runs. */
  close(): void {
    this.#caller.removeEventListener('abort', this.#obey);
    this.#cancelTotal();
    this.#cancelQuiet();
    if (!this.#released) this.#cut.abort();
  }

  readonly #obey = (): void => this.#cut.abort(this.#caller.reason);

  #giveUp(message: string): void {
    this.#cut.abort(new HelixError('provider_timeout', message));
  }

  #arm(ms: number): void {
    this.#cancelQuiet();
    this.#armedUntil = this.#clock.monotonic() + ms;
    this.#cancelQuiet = this.#after(ms, () => {
      const left = this.#quietUntil - this.#clock.monotonic();
      if (left > 0) this.#arm(left);
      else this.#giveUp(`nothing was heard from the model for ${this.#quietMs} ms`);
    });
  }

  /** Platforms fire at once for delays above 2^31 - 1 ms, `Infinity` among them. */
  #after(ms: number, callback: () => void): () => void {
    return ms < 2 ** 31 ? this.#clock.after(ms, callback) : () => {};
  }
}
