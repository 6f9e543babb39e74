/**
 * What a store makes the signals of one process with. Calls listeners of a key back in a microtask, once for all notices before it.
 * The one who notifies neither waits for a listener nor learns that it threw.
 */
export class KeyedSignals {
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #pending = new Set<string>();

  /** Whether nobody watches. */
  get empty(): boolean {
    return this.#listeners.size === 0;
  }

  notify(key: string): void {
    if (!this.#listeners.has(key) || this.#pending.has(key)) return;
    this.#pending.add(key);
    queueMicrotask(() => {
      this.#pending.delete(key);
      const listeners = this.#listeners.get(key) ?? new Set();
      // A copy: a listener that watches anew must not be called in the same round. One that is stopped in it, neither.
      for (const listener of Array.from(listeners)) if (listeners.has(listener)) callSafely(listener);
    });
  }

  notifyAll(): void {
    for (const key of this.#listeners.keys()) this.notify(key);
  }

  /** Returns the way to stop; after it, the listener is not called any more. */
  watch(key: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    // One entry for each watch, also where a function watches twice.
    const entry = () => listener();
    this.#listeners.set(key, listeners.add(entry));
    return () => {
      listeners.delete(entry);
      if (listeners.size === 0 && this.#listeners.get(key) === listeners) this.#listeners.delete(key);
    };
  }
}

/** A signal may be lost, so a listener that fails has lost one; a library has nobody to tell. */
function callSafely(listener: () => void): void {
  try {
    listener();
  } catch {
    // See above.
  }
}
