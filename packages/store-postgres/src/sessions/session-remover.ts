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

  /** Resolves with whether there was something to remove. */
  async remove(sessionId: string): Promise<boolean> {
    const { database, scope } = this.#options;
    if (!(await this.#shutOut(sessionId))) return false;
    await database.once(this.#sql.remove, [scope, sessionId]);
    // Those that began before the shut-out may not have seen it, and could append once the row in their way is gone.
    await untilWritersAreThrough(this.#options, 'sessionLog');
    await database.repeatable(this.#sql.stragglers, [scope, sessionId]);
    return true;
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
