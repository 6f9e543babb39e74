interface Reader {
  readonly sessionId: string;
  disturbed: boolean;
}

/**
 * Who in this process may be about to own a session: somebody asked the store for it, or writes its next run. What a read says
 * meanwhile of who holds the session is no reason to drive it: the answer to whoever asked may be on its way.
 */
export class Reservations {
  readonly #ofOne = new Map<string, number>();
  readonly #ofAny = new Set<Promise<void>>();
  readonly #readers = new Set<Reader>();

  /** Until the answer is called. */
  add(sessionId: string): () => void {
    this.disturb(sessionId);
    this.#count(sessionId, 1);
    return () => this.#count(sessionId, -1);
  }

  /** Sessions that are not known yet, until the answer is called. */
  addAny(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ofAny.add(promise);
    return () => {
      this.#ofAny.delete(promise);
      resolve();
    };
  }

  /** What is read of a session meanwhile may be out of date. */
  disturb(sessionId: string): void {
    for (const reader of this.#readers) if (reader.sessionId === sessionId) reader.disturbed = true;
  }

  /** Reads of a session while nobody here is about to own it; undefined where somebody is. */
  async undisturbed<T>(sessionId: string, read: () => Promise<T>): Promise<T | undefined> {
    const reader = { sessionId, disturbed: this.#ofOne.has(sessionId) };
    if (reader.disturbed) return undefined;
    this.#readers.add(reader);
    try {
      const value = await read();
      await Promise.all(this.#ofAny);
      return reader.disturbed ? undefined : value;
    } finally {
      this.#readers.delete(reader);
    }
  }

  #count(sessionId: string, more: 1 | -1): void {
    const count = (this.#ofOne.get(sessionId) ?? 0) + more;
    if (count > 0) this.#ofOne.set(sessionId, count);
    else this.#ofOne.delete(sessionId);
  }
}
