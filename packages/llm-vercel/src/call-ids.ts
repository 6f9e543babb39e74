/** Names the calls of one reply. Some providers give the same id twice, or none; the session's other ids are the loop's duty. */
export class CallIds {
  readonly #taken = new Set<string>();

  /** The id itself, else `<id>_<n>` with the lowest unused `n` from 2, as the loop names them. */
  claim(id: string): string {
    const base = id === '' ? 'call' : id;
    let unique = base;
    for (let n = 2; this.#taken.has(unique); n++) unique = `${base}_${n}`;
    this.#taken.add(unique);
    return unique;
  }
}
