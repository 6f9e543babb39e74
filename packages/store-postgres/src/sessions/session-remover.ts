import type { ResolvedOptions } from '../store-options.ts';
import { removeSession, removeStragglers, shutOutOwner, writersOfLog } from './sql/delete-session.ts';

/** How often, and how long in all, statements are waited for that began before the owner was shut out. */
const pauseMs = 10;
const maxPauses = 100;

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
      writers: writersOfLog(tables),
      stragglers: removeStragglers(tables),
    };
  }

  /** Resolves with whether there was something to remove. */
  async remove(sessionId: string): Promise<boolean> {
    const { database, scope } = this.#options;
    if (!(await this.#shutOut(sessionId))) return false;
    await database.once(this.#sql.remove, [scope, sessionId]);
    await this.#untilSeen();
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

  /** Until all who write at this moment are through: who begins later sees that the session is gone. */
  async #untilSeen(): Promise<void> {
    const { clock } = this.#options;
    let writers = await this.#writers(null);
    for (let pauses = 0; writers.length > 0 && pauses < maxPauses; pauses += 1) {
      await clock.sleep(pauseMs);
      writers = await this.#writers(writers);
    }
  }

  async #writers(among: readonly string[] | null): Promise<string[]> {
    const rows = await this.#options.database.repeatable<{ writer: string }>(this.#sql.writers, [among]);
    return rows.map(({ writer }) => writer);
  }
}
