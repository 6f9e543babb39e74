import type { CommitRecord } from '@helix-agents/core';
import { untilWritersAreThrough } from '../database/until-writers-are-through.ts';
import type { ResolvedOptions } from '../store-options.ts';
import { removeSession, removeStragglers, shutOutOwner } from './sql/delete-session.ts';

/** Removes a session so that no commit on its way survives it. */
export class SessionRemover {
  readonly #options: ResolvedOptions;
  readonly #sql;

  constructor(options: ResolvedOptions) {
    const { tables } = options;
    this.#options = options;
    this.#sql = {
      shutOut: shutOutOwner(tables),
      remove: removeSession(tables),
      stragglers: removeStragglers(tables),
    };
  }

  /** Resolves with the stream of what it removed; null where there was nothing. */
  async remove(sessionId: string): Promise<string | null> {
    const { database, scope } = this.#options;
    if (!(await this.#shutOut(sessionId))) return null;
    const [removed] = await database.once<RemovedSession>(this.#sql.remove, [scope, sessionId]);
    // Those that began before the shut-out may not have seen it, and could append once the row in their way is gone.
    await untilWritersAreThrough(this.#options, 'sessionLog');
    await database.repeatable(this.#sql.stragglers, [scope, sessionId]);
    return removed ? streamOf(sessionId, removed) : null;
  }

  async #shutOut(sessionId: string): Promise<boolean> {
    const { database, scope } = this.#options;
    for (;;) {
      const values = [scope, sessionId, crypto.randomUUID()];
      const [row] = await database.once<{ written: number; there: boolean }>(this.#sql.shutOut, values);
      if (!row?.there) return false;
      if (row.written > 0) return true;
    }
  }
}

/** The body of its first commit. */
interface RemovedSession {
  readonly body: string;
}

function streamOf(sessionId: string, { body }: RemovedSession): string {
  const { head } = JSON.parse(body) as Pick<CommitRecord, 'head'>;
  return head?.create?.streamId ?? sessionId;
}
