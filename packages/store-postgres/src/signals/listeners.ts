/** Listeners by topic, called in a microtask, once for all notices before it. A listener that throws has lost a signal. */
export class Listeners {
  readonly #byTopic = new Map<string, Set<() => void>>();
  readonly #pending = new Set<string>();

  get empty(): boolean {
    return this.#byTopic.size === 0;
  }

  add(topic: string, listener: () => void): () => void {
    const listeners = this.#byTopic.get(topic) ?? new Set();
    // An entry for each watch, also where a function watches twice.
    const entry = () => listener();
    this.#byTopic.set(topic, listeners.add(entry));
    return () => {
      listeners.delete(entry);
      if (listeners.size === 0 && this.#byTopic.get(topic) === listeners) this.#byTopic.delete(topic);
    };
  }

  call(topic: string): void {
    if (!this.#byTopic.has(topic) || this.#pending.has(topic)) return;
    this.#pending.add(topic);
    queueMicrotask(() => {
      this.#pending.delete(topic);
      Array.from(this.#byTopic.get(topic) ?? []).forEach(callSafely);
    });
  }

  callAll(): void {
    for (const topic of this.#byTopic.keys()) this.call(topic);
  }
}

function callSafely(listener: () => void): void {
  try {
    listener();
  } catch {
    // A signal may be lost, and a library has nobody to tell.
  }
}
