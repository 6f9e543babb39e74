import type { CoalescerLane } from '../batching/coalescer.ts';
import type { Database, SqlCall } from '../database/database.ts';
import { failureKind } from '../database/postgres-failure.ts';

/** A commit that writes the head of its session, on its way. */
export interface BoundaryWrite extends SqlCall {
  readonly sessionId: string;
  readonly bytes: number;
}

/** How commits at boundaries are sent. The answer is the inbox counter of the session, or null where the commit did not land. */
export class BoundaryLane implements CoalescerLane<BoundaryWrite, number | null> {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  readonly keyOf = ({ sessionId }: BoundaryWrite) => sessionId;
  readonly weightOf = ({ bytes }: BoundaryWrite) => bytes;
  readonly isPoisoned = (error: unknown) => failureKind(error) === 'refused';

  readonly one = async ({ sql, values }: BoundaryWrite) => {
    const [row] = await this.#database.attempt<InboxRow>(sql, values);
    return row?.inbox ?? null;
  };

  /** In the order of the sessions, whose heads they lock: two processes whose transactions meet do not deadlock. */
  readonly many = async (writes: readonly BoundaryWrite[]) => {
    const sorted = writes.toSorted((one, other) => (one.sessionId < other.sessionId ? -1 : 1));
    const results = await this.#database.attemptTogether<InboxRow>(sorted);
    const inboxes = new Map(sorted.map(({ sessionId }, index) => [sessionId, results[index]?.[0]?.inbox ?? null]));
    return writes.map(({ sessionId }) => inboxes.get(sessionId) ?? null);
  };
}

interface InboxRow {
  readonly inbox: number;
}
