import type { Clock } from '../ports/ports.ts';
import { sleepOver } from '../ports/sleep-over.ts';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it. Timers that are due together run in the order in which they were set. */
export class FakeClock implements Clock {
  readonly #start: number;
  readonly #timers = new Set<Timer>();
  #elapsedMs = 0;

  /** @param startMs Unix ms at which it begins; default 2025-01-01T00:00:00Z */
  constructor(startMs = Date.UTC(2025, 0, 1)) {
    this.#start = startMs;
  }

  now(): number {
    return this.#start + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  /** How many timers and sleeps are pending. */
  get pending(): number {
    return this.#timers.size;
  }

  sleep(ms: number, abortSignal?: AbortSignal): Promise<void> {
    return sleepOver(this, ms, abortSignal);
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#elapsedMs + Math.max(0, ms), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /**
   * Moves the time on, stopping at each timer on the way. After each one, and at the end, everything that was waiting on
   * settled promises runs before the time goes on.
   */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsedMs + ms;
    await settle();
    for (let timer = this.#next(end); timer; timer = this.#next(end)) {
      this.#elapsedMs = Math.max(this.#elapsedMs, timer.at);
      this.#timers.delete(timer);
      timer.callback();
      await settle();
    }
    this.#elapsedMs = end;
  }

  #next(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (timer.at <= end && (!next || timer.at < next.at)) next = timer;
    return next;
  }
}

/** A turn of the event loop: microtasks, however long their chains, are done before it. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(null);
  });
}
