/** What chance picks in a walk: numbers that were drawn before, one after the other, and zeros from then on. */
export class Picks {
  readonly #drawn: readonly number[];
  #next = 0;
  #names = 0;

  constructor(drawn: readonly number[]) {
    this.#drawn = drawn;
  }

  get over(): boolean {
    return this.#next >= this.#drawn.length;
  }

  /** A whole number from 0 up to, and without, `below`. */
  pick(below: number): number {
    const drawn = this.#drawn[this.#next] ?? 0;
    this.#next += 1;
    return drawn % below;
  }

  /** One that nothing else in the walk has. */
  name(prefix: string): string {
    return `${prefix}${(this.#names += 1)}`;
  }
}
