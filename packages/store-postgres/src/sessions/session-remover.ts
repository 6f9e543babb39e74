import type { CommitRecord } from '@helix-agents/core';
import { untilWritersAreThrough } from '../database/until-writers-are-through.ts';
import type { ResolvedOptions } from '../store-options.ts';
import { findTombstone, removeSession, removeStragglers } from './sql/delete-session.ts';

/**
 * Removes a session so that no commit on its way survives it, or becomes part of one that is made anew under its id. A tombstone keeps
 * the place of the next commit taken, and the id, until all are through who may have begun before the removal.
 */
export class SessionRemover {
  readonly #options: ResolvedOptions;
  readonly #sql;

  constructor(options: ResolvedOptions) {
    const { tables } = options;
    this.#options = options;
    this.#sql = {
      remove: removeSession(tables),
      findTombstone: findTombstone(tables),
      stragglers: removeStragglers(tables),
    };
  }

  /** Resolves with the stream of what it removed; null where there was nothing. */
  async remove(sessionId: string): Promise<string | null> {
    const token = crypto.randomUUID();
    const removed = await this.#setTombstone(sessionId, token);
    if (!removed) return this.finish(sessionId).then(() => null);
    await this.#removeTombstone(sessionId, token);
    return streamOf(sessionId, removed);
  }

  /** Finishes what somebody else removes, or began to and died: the id is free then. */
  async finish(sessionId: string): Promise<void> {
    const { database, scope } = this.#options;
    const [tombstone] = await database.repeatable<{ token: string }>(this.#sql.findTombstone, [scope, sessionId]);
    if (tombstone) await this.#removeTombstone(sessionId, tombstone.token);
  }

  /** Resolves with the body of the first commit; null where there is no session. */
  async #setTombstone(sessionId: string, token: string): Promise<string | null> {
    const { database, scope } = this.#options;
    for (;;) {
      const [row] = await database.once<Removal>(this.#sql.remove, [scope, sessionId, token]);
      if (!row?.there) return null;
      if (row.written > 0) return row.body;
    }
  }

  /** Of owners that were shut out long ago, one may append to what an earlier one just did: until nothing is left. */
  async #removeTombstone(sessionId: string, token: string): Promise<void> {
    const { database, scope } = this.#options;
    for (let left = 1; left > 0;) {
      await untilWritersAreThrough(this.#options, 'sessionLog');
      const [row] = await database.repeatable<{ left: number }>(this.#sql.stragglers, [scope, sessionId, token]);
      left = row?.left ?? 0;
    }
  }
}

interface Removal {
  readonly there: boolean;
  readonly written: number;
  /** Of the first commit. */
  readonly body: string;
}

function streamOf(sessionId: string, body: string): string {
  const { head } = JSON.parse(body) as Pick<CommitRecord, 'head'>;
  return head?.create?.streamId ?? sessionId;
}
