/** How items are sent: alone, or several in one statement that lands as a whole or fails as a whole. */
export interface CoalescerLane<Item, Result> {
  /** Items with the same key never share a statement, and never overtake each other. */
  readonly keyOf: (item: Item) => string;
  /** Bytes, or what else bounds a batch. */
  readonly weightOf: (item: Item) => number;
  readonly one: (item: Item) => Promise<Result>;
  /** An answer each, in the order of the items. */
  readonly many: (items: readonly Item[]) => Promise<Result[]>;
  /** Whether a failed statement had no effect because of the data of some member. */
  readonly isPoisoned: (error: unknown) => boolean;
}

/** More at once delays the members more than it saves. */
const maxItems = 64;
const maxWeight = 1024 * 1024;
/** One statement on its way while the next is being made. */
const maxInFlight = 2;

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly key: string;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends what waits while a statement is in flight as one statement. There is no timer: an item that finds nothing in flight
 * leaves at once and alone. Where others are about, it waits for the end of this turn of the event loop: the members of a batch
 * that landed come back together, and leave together again. Two statements carry half each of all that is under way: while one
 * is on its way, those of the other are made. Left to themselves, groups that were uneven once would stay so.
 *
 * 1. An item is in at most one statement at a time.
 * 2. Items of one key are never in two statements at once.
 * 3. A poisoned item fails alone: its batch had no effect, is halved and sent again.
 */
export class Coalescer<Item, Result> {
  readonly #lane: CoalescerLane<Item, Result>;
  readonly #busy = new Set<string>();
  #waiting: Waiting<Item, Result>[] = [];
  #inFlight = 0;
  #lastSize = 1;
  #pumpingSoon = false;

  constructor(lane: CoalescerLane<Item, Result>) {
    this.#lane = lane;
  }

  submit(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, key: this.#lane.keyOf(item), resolve, reject });
      if (this.#inFlight === 0 && this.#lastSize === 1) this.#pump();
      else this.#pumpSoon();
    });
  }

  #pumpSoon(): void {
    if (this.#pumpingSoon) return;
    this.#pumpingSoon = true;
    setImmediate(() => {
      this.#pumpingSoon = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#inFlight < maxInFlight) {
      const batch = this.#take();
      if (batch.length === 0) return;
      this.#inFlight += 1;
      void this.#sendOne(batch);
    }
  }

  async #sendOne(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    await this.#send(batch);
    for (const { key } of batch) this.#busy.delete(key);
    this.#inFlight -= 1;
    this.#lastSize = batch.length;
    if (this.#waiting.length > 0) this.#pumpSoon();
  }

  #take(): Waiting<Item, Result>[] {
    const batch: Waiting<Item, Result>[] = [];
    const rest: Waiting<Item, Result>[] = [];
    const skipped = new Set(this.#busy);
    const share = Math.min(maxItems, Math.ceil((this.#waiting.length + this.#busy.size) / maxInFlight));
    let weight = 0;
    for (const entry of this.#waiting) {
      const more = this.#lane.weightOf(entry.item);
      const fits = batch.length === 0 || (batch.length < share && weight + more <= maxWeight);
      (fits && !skipped.has(entry.key) ? batch : rest).push(entry);
      skipped.add(entry.key);
      if (batch.at(-1) === entry) weight += more;
    }
    for (const { key } of batch) this.#busy.add(key);
    this.#waiting = rest;
    return batch;
  }

  /** Never rejects: each member learns its own outcome. */
  async #send(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    const [only, ...others] = batch;
    if (!only) return;
    try {
      if (others.length === 0) return only.resolve(await this.#lane.one(only.item));
      const results = await this.#lane.many(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, index) => resolve(results[index] as Result));
    } catch (error) {
      if (others.length === 0 || !this.#lane.isPoisoned(error)) batch.forEach(({ reject }) => reject(error));
      else await this.#sendHalves(batch);
    }
  }

  async #sendHalves(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    const middle = Math.ceil(batch.length / 2);
    await this.#send(batch.slice(0, middle));
    await this.#send(batch.slice(middle));
  }
}
