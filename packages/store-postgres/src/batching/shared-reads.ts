/**
 * Answers several who ask the same at once with one query.
 *
 * An answer is never older than the question: who asks while a query is under way gets the one after it, together with all others
 * who asked meanwhile.
 */
export class SharedReads<Answer> {
  readonly #current = new Map<string, Promise<Answer>>();
  readonly #next = new Map<string, Promise<Answer>>();

  /** `query` must be the same for the same key. The answer is shared: nobody may change it. */
  read(key: string, query: () => Promise<Answer>): Promise<Answer> {
    const current = this.#current.get(key);
    if (!current) return this.#start(key, query);
    const known = this.#next.get(key);
    if (known) return known;
    const begin = () => {
      this.#next.delete(key);
      return this.#start(key, query);
    };
    const next = current.then(begin, begin);
    this.#next.set(key, next);
    return next;
  }

  #start(key: string, query: () => Promise<Answer>): Promise<Answer> {
    const answer = query().finally(() => {
      if (this.#current.get(key) === answer) this.#current.delete(key);
    });
    this.#current.set(key, answer);
    return answer;
  }
}
