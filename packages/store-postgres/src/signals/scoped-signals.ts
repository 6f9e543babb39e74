import type { Notifier } from './notifier.ts';

/** One store's part of a notifier: its topics, and what it watches. */
export class ScopedSignals {
  readonly #notifier: Notifier;
  readonly #prefix: string;
  readonly #stops = new Set<() => void>();

  constructor(notifier: Notifier, kind: 'session' | 'due' | 'stream', scope: string) {
    this.#notifier = notifier;
    this.#prefix = `${kind}/${scope}/`;
  }

  touch(id: string): void {
    this.#notifier.touch(this.#prefix + id);
  }

  watch(id: string, listener: () => void): () => void {
    const remove = this.#notifier.watch(this.#prefix + id, listener);
    const stop = () => {
      if (this.#stops.delete(stop)) remove();
    };
    this.#stops.add(stop);
    return stop;
  }

  /** Stops every watch, and listening where nobody else watches. */
  close(): void {
    this.#stops.forEach((stop) => stop());
    this.#notifier.rest();
  }
}
