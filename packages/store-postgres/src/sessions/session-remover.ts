import type { ResolvedOptions } from '../store-options.ts';
import { olderStatements, removeSession, removeStragglers, shutOutOwner } from './sql/delete-session.ts';

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
      older: olderStatements(tables),
      stragglers: removeStragglers(tables),
    };
  }

  /** Resolves with whether there was something to remove. */
  async remove(sessionId: string): Promise<boolean> {
    const { database, scope } = this.#options;
    const transaction = await this.#shutOut(sessionId);
    if (transaction === null) return false;
    await database.once(this.#sql.remove, [scope, sessionId]);
    await this.#untilSeen(transaction);
    await database.repeatable(this.#sql.stragglers, [scope, sessionId]);
    return true;
  }

  async #shutOut(sessionId: string): Promise<string | null> {
    const { database, scope } = this.#options;
    for (;;) {
      const values = [scope, sessionId, crypto.randomUUID()];
      const [row] = await database.once<{ written: number; there: boolean; xid: string }>(this.#sql.shutOut, values);
      if (!row?.there) return null;
      if (row.written > 0) return row.xid;
    }
  }

  /** Statements end soon; a snapshot that somebody keeps open for long appends nothing, and is not waited for. */
  async #untilSeen(transaction: string): Promise<void> {
    const { database, clock } = this.#options;
    for (let pauses = 0; pauses < maxPauses; pauses += 1) {
      const [row] = await database.repeatable<{ older: boolean }>(this.#sql.older, [transaction]);
      if (!row?.older) return;
      await clock.sleep(pauseMs);
    }
  }
}
