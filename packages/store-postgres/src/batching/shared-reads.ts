/**
 * Answers several who ask the same at once with one query.
 *
 * An answer is never older than the question: who asks while a query is under way gets the one after it, together with all others
 * who asked meanwhile. A query leaves a moment after the first who asks: those whom the same signal woke all ask in that moment.
 */
export class SharedReads<Answer> {
  readonly #underWay = new Map<string, Promise<Answer>>();
  /** Queries that have not left yet. */
  readonly #next = new Map<string, Promise<Answer>>();

  /** `query` must be the same for the same key. The answer is shared: nobody may change it. */
  read(key: string, query: () => Promise<Answer>): Promise<Answer> {
    const known = this.#next.get(key);
    if (known) return known;
    const send = () => {
      this.#next.delete(key);
      return this.#send(key, query);
    };
    const next = (this.#underWay.get(key) ?? moment).then(send, send);
    this.#next.set(key, next);
    return next;
  }

  #send(key: string, query: () => Promise<Answer>): Promise<Answer> {
    const answer = query().finally(() => {
      if (this.#underWay.get(key) === answer) this.#underWay.delete(key);
    });
    this.#underWay.set(key, answer);
    return answer;
  }
}

const moment = Promise.resolve();
