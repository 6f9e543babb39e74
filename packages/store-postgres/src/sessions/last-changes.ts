import type { Sql } from '../database/sql.ts';
import type { ResolvedOptions } from '../store-options.ts';
import { noteChanges } from './sql/note-changes.ts';

const flushMs = 5_000;

/**
 * When sessions changed last, for lists: ordinary commits leave the head alone, so this is written beside them, all sessions of a
 * few seconds at once. A process that dies takes the last seconds of it along; nothing but the order of lists depends on it.
 */
export class LastChanges {
  readonly #options: ResolvedOptions;
  readonly #sql: Sql;
  #pending = new Map<string, number>();
  #cancel: (() => void) | undefined;

  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.#sql = noteChanges(options.tables);
  }

  note(sessionId: string, at: number): void {
    this.#pending.set(sessionId, at);
    this.#cancel ??= this.#options.clock.after(flushMs, () => void this.flush());
  }

  /** Writes what is pending; what cannot be written is lost. In the order of the sessions, so that two processes do not deadlock. */
  async flush(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    const changes = Array.from(this.#pending).toSorted(([one], [other]) => (one < other ? -1 : 1));
    this.#pending = new Map();
    if (changes.length === 0) return;
    const { database, scope } = this.#options;
    const values = [scope, changes.map(([sessionId]) => sessionId), changes.map(([, at]) => at)];
    await database.attempt(this.#sql, values).catch(() => {});
  }
}
