import type { HolderRequest } from '@helix-agents/core';
import { toHelixError } from '../database/postgres-failure.ts';
import { isAnswer } from '../port/is-answer.ts';
import type { PostgresSession } from '../port/postgres-port.ts';
import type { ResolvedOptions } from '../store-options.ts';
import { closeHolder, openHolder, openLockedHolder, releaseLock, renewHolder } from './sql/holder-statements.ts';

/** A holder of this process. */
interface Held {
  readonly onLost: (() => void) | undefined;
  /** What its advisory lock is named after; null where the clock alone ends the lease. */
  readonly lock: string | null;
}

/**
 * The leases of this process. A holder has a row that the clock of the database ends, and where the port has sessions also a lock
 * that ends with its connection: then a process that dies is noticed at once.
 *
 * 1. The lock is taken before the row says so.
 * 2. A lease that ended is never renewed: who found it ended may rely on that.
 * 3. A holder whose lock's connection ended has lost its lease: others may have seen the lock free.
 */
export class Holders {
  readonly #options: ResolvedOptions;
  readonly #held = new Map<string, Held>();
  readonly #sql;
  /** Holds the locks of all holders; there while one of them needs it. */
  #session: Promise<PostgresSession> | undefined;

  constructor(options: ResolvedOptions) {
    const { tables } = options;
    this.#options = options;
    this.#sql = {
      release: releaseLock(tables),
      open: openHolder(tables),
      openLocked: openLockedHolder(tables),
      renew: renewHolder(tables),
      close: closeHolder(tables),
    };
  }

  async open({ holderId, leaseMs, onLost }: HolderRequest): Promise<void> {
    const { database, tables, scope, port, poll } = this.#options;
    const lock = poll || !port.session ? null : `${tables.schema} ${scope} ${holderId}`;
    const held: Held = { onLost, lock };
    const again = this.#held.has(holderId);
    this.#held.set(holderId, held);
    try {
      const values = [scope, holderId, leaseMs, lock];
      if (lock === null || again) await database.attempt(this.#sql.open, values);
      else await this.#openLocked(values);
    } catch (error) {
      // What was refused may have taken its lock before: locks outlive the statement.
      await this.#forget(holderId, held);
      throw toHelixError(error);
    }
  }

  /**
   * A connection that does not answer is dead, and would never serve a holder again. One on which this holder was refused serves
   * the others: their locks are there.
   */
  async #openLocked(values: readonly unknown[]): Promise<void> {
    const session = this.#openSession();
    try {
      await this.#options.database.attempt(this.#sql.openLocked, values, await session);
    } catch (error) {
      if (!isAnswer(error)) {
        this.#loseAll(session);
        void session.then((on) => on.close()).catch(() => {});
      }
      throw error;
    }
  }

  /** Over the connection of the lock: it tells that both are there. */
  async renew(holderId: string): Promise<boolean> {
    const { database, scope, port } = this.#options;
    const held = this.#held.get(holderId);
    if (!held) return false;
    try {
      const on = held.lock === null ? port : await this.#openSession();
      const rows = await database.attempt(this.#sql.renew, [scope, holderId], on);
      if (rows.length > 0) return this.#held.get(holderId) === held;
    } catch (error) {
      if (this.#held.get(holderId) === held) throw toHelixError(error);
    }
    this.#lose(holderId, held);
    return false;
  }

  /** Resolves with whether it leaves sessions that others may take. */
  async close(holderId: string): Promise<boolean> {
    const { database, scope } = this.#options;
    const held = this.#held.get(holderId);
    try {
      const [row] = await database.once<{ leaves: boolean }>(this.#sql.close, [scope, holderId]);
      return row?.leaves ?? false;
    } finally {
      if (held) await this.#forget(holderId, held);
    }
  }

  /** Closes every holder of this process. */
  async closeAll(): Promise<void> {
    for (const holderId of Array.from(this.#held.keys())) await this.close(holderId);
  }

  #openSession(): Promise<PostgresSession> {
    const { port } = this.#options;
    if (this.#session) return this.#session;
    if (!port.session)
      throw new TypeError('only a holder with a lock needs a session, and only a port with sessions has those');
    const opened = port.session(() => this.#loseAll(opened));
    this.#session = opened;
    opened.catch(() => this.#loseAll(opened));
    return opened;
  }

  #loseAll(session: Promise<PostgresSession>): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    for (const [holderId, held] of Array.from(this.#held)) if (held.lock !== null) this.#lose(holderId, held);
  }

  #lose(holderId: string, held: Held): void {
    if (this.#held.get(holderId) !== held) return;
    if (held.onLost) queueMicrotask(held.onLost);
    void this.#forget(holderId, held);
  }

  async #forget(holderId: string, held: Held): Promise<void> {
    if (this.#held.get(holderId) !== held) return;
    this.#held.delete(holderId);
    const session = this.#session;
    if (held.lock === null || !session) return;
    if (Array.from(this.#held.values()).some(({ lock }) => lock !== null)) {
      await session.then((on) => this.#options.database.attempt(this.#sql.release, [held.lock], on)).catch(() => {});
    } else {
      this.#session = undefined;
      await session.then((on) => on.close()).catch(() => {});
    }
  }
}
