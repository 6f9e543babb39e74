import type { ResolvedOptions } from '../store-options.ts';
import { removeSession, shutOutOwner } from './sql/delete-session.ts';

/** Removes a session so that no commit on its way survives it. */
export class SessionRemover {
  readonly #options: ResolvedOptions;
  readonly #sql;

  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.#sql = { shutOut: shutOutOwner(options.tables), remove: removeSession(options.tables) };
  }

  /** Resolves with whether there was something to remove. */
  async remove(sessionId: string): Promise<boolean> {
    const { database, scope } = this.#options;
    for (;;) {
      const values = [scope, sessionId, crypto.randomUUID()];
      const [row] = await database.write<{ written: number; there: boolean }>(this.#sql.shutOut, values);
      if (!row?.there) return false;
      if (row.written > 0) break;
    }
    await database.write(this.#sql.remove, [scope, sessionId]);
    return true;
  }
}
