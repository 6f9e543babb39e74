import type { CoalescerLane } from '../batching/coalescer.ts';
import { failureKind, isUniqueViolation } from '../database/postgres-failure.ts';
import type { Sql } from '../database/sql.ts';
import type { ResolvedOptions } from '../store-options.ts';
import type { EncodedCommit } from './commit-codec.ts';
import { appendCommit } from './sql/append-commit.ts';
import { appendCommits, appendThoseThatFit, parametersOfMember } from './sql/append-commits.ts';

/** An ordinary commit on its way. */
export interface Append extends EncodedCommit {
  readonly sessionId: string;
  readonly version: number;
  readonly epoch: number;
  readonly token: string;
  readonly snapshot: string | null;
  readonly snapshotInbox: number | null;
  readonly lastToken: string;
}

/** How ordinary commits are sent. The answer is the inbox counter of the session, or null where the commit did not land. */
export class AppendLane implements CoalescerLane<Append, number | null> {
  readonly #options: ResolvedOptions;
  readonly #single: Sql;
  readonly #batches = new Map<number, Batch>();

  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.#single = appendCommit(options.tables);
  }

  readonly keyOf = ({ sessionId }: Append) => sessionId;
  readonly weightOf = ({ body, messages, snapshot }: Append) =>
    body.length + (messages?.length ?? 0) + (snapshot?.length ?? 0);
  readonly isPoisoned = (error: unknown) => failureKind(error) === 'refused';

  readonly one = async (append: Append) => {
    const { database, scope } = this.#options;
    try {
      const [row] = await database.attempt<{ inbox: number }>(this.#single, [scope, ...valuesOf(append)]);
      return row?.inbox ?? null;
    } catch (error) {
      if (isUniqueViolation(error)) return null;
      throw error;
    }
  };

  /** In the order of the sessions: two processes whose batches meet do not deadlock. */
  readonly many = async (appends: readonly Append[]) => {
    const sorted = appends.toSorted((one, other) => (one.sessionId < other.sessionId ? -1 : 1));
    const size = 2 ** Math.ceil(Math.log2(appends.length));
    const padding = Array.from({ length: (size - appends.length) * parametersOfMember }, () => null);
    const values = [this.#options.scope, ...sorted.flatMap(valuesOf), ...padding];
    const rows = await this.#sendBatch(this.#batchOf(size), values);
    const landed = new Map(rows.map((row) => [row.session_id, row.inbox]));
    return appends.map(({ sessionId }) => landed.get(sessionId) ?? null);
  };

  /** A batch in which one violates the key had no effect: those that do not are sent again. */
  async #sendBatch({ all, thoseThatFit }: Batch, values: readonly unknown[]): Promise<readonly LandedRow[]> {
    const { database } = this.#options;
    return database.attempt<LandedRow>(all, values).catch((error: unknown) => {
      if (isUniqueViolation(error)) return database.attempt<LandedRow>(thoseThatFit, values);
      throw error;
    });
  }

  #batchOf(size: number): Batch {
    const { tables } = this.#options;
    const known = this.#batches.get(size) ?? {
      all: appendCommits(tables, size),
      thoseThatFit: appendThoseThatFit(tables, size),
    };
    this.#batches.set(size, known);
    return known;
  }
}

/** How a batch of one size is sent. */
interface Batch {
  readonly all: Sql;
  readonly thoseThatFit: Sql;
}

interface LandedRow {
  readonly session_id: string;
  readonly inbox: number;
}

function valuesOf(append: Append) {
  const { sessionId, version, epoch, token, added, body, messages, snapshot, snapshotInbox, lastToken } = append;
  return [sessionId, version, epoch, token, added, body, messages, snapshot, snapshotInbox, lastToken];
}
