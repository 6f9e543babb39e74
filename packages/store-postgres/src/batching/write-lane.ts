import type { Database } from '../database/database.ts';
import { failureKind, isUniqueViolation } from '../database/postgres-failure.ts';
import type { Sql } from '../database/sql.ts';
import type { CoalescerLane } from './coalescer.ts';

/** A statement with its parameters. */
interface BoundSql {
  readonly sql: Sql;
  readonly values: readonly unknown[];
}

/** How one kind of write is sent. Each statement answers with rows of `key` and `answer`, and with none for what had no effect. */
export interface Write<Item> {
  /** Whose write it is: one at a time of each. */
  readonly keyOf: (item: Item) => string;
  /** Characters of it. */
  readonly weightOf: (item: Item) => number;
  readonly alone: (item: Item) => BoundSql;
  /** Its parameters as a member of a batch. */
  readonly memberOf: (item: Item) => readonly unknown[];
  /** For a batch of at most `size` members, a power of two. */
  readonly together: (size: number, items: readonly Item[]) => Sql;
  /**
   * Where a member whose place is taken fails its statement: the same for those that have theirs. It costs more. Default: such
   * members are passed over.
   */
  readonly thoseThatFit?: (size: number) => Sql;
}

interface Answer {
  readonly key: string;
  readonly answer: number;
}

/** Sends writes of one kind. The answer is what the statement says, or null where the write had no effect. */
export class WriteLane<Item> implements CoalescerLane<Item, number | null> {
  readonly keyOf: (item: Item) => string;
  readonly weightOf: (item: Item) => number;
  readonly #write: Write<Item>;
  readonly #database: Database;
  readonly #scope: string;

  constructor({ database, scope }: { readonly database: Database; readonly scope: string }, write: Write<Item>) {
    this.keyOf = write.keyOf;
    this.weightOf = write.weightOf;
    this.#write = write;
    this.#database = database;
    this.#scope = scope;
  }

  readonly isPoisoned = (error: unknown) => failureKind(error) === 'refused';

  readonly one = async (item: Item) => {
    const { sql, values } = this.#write.alone(item);
    try {
      const [row] = await this.#database.attempt<Answer>(sql, [this.#scope, ...values]);
      return row?.answer ?? null;
    } catch (error) {
      if (this.#mayBeTaken(error)) return null;
      throw error;
    }
  };

  /** In the order of their keys: two processes whose batches meet do not deadlock. Of few sizes: each is prepared once. */
  readonly many = async (items: readonly Item[]) => {
    const { keyOf, memberOf, together } = this.#write;
    const sorted = items.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
    const size = 2 ** Math.ceil(Math.log2(items.length));
    const members = sorted.map(memberOf);
    const unused = Array.from({ length: size - items.length }, () => members[0]!.map(() => null));
    const values = [this.#scope, ...[...members, ...unused].flat()];
    const rows = await this.#sendBatch(together(size, items), size, values);
    const answers = new Map(rows.map(({ key, answer }) => [key, answer]));
    return items.map((item) => answers.get(keyOf(item)) ?? null);
  };

  /** A batch in which one violates the key had no effect: those that do not are sent again. */
  async #sendBatch(sql: Sql, size: number, values: readonly unknown[]): Promise<readonly Answer[]> {
    try {
      return await this.#database.attempt<Answer>(sql, values);
    } catch (error) {
      const { thoseThatFit } = this.#write;
      if (!thoseThatFit || !this.#mayBeTaken(error)) throw error;
      return this.#database.attempt<Answer>(thoseThatFit(size), values);
    }
  }

  #mayBeTaken(error: unknown): boolean {
    return this.#write.thoseThatFit !== undefined && isUniqueViolation(error);
  }
}
