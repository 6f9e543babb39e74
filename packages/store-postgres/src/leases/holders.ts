import { HelixError, type HolderRequest } from '@helix-agents/core';
import { toHelixError } from '../database/postgres-failure.ts';
import type { Sql } from '../database/sql.ts';
import { isAnswer } from '../port/is-answer.ts';
import type { PostgresSession } from '../port/postgres-port.ts';
import type { ResolvedOptions } from '../store-options.ts';
import {
  closeHolder,
  openHolder,
  openLockedHolder,
  regainLock,
  releaseLock,
  renewHolder,
} from './sql/holder-statements.ts';

/** A holder of this process. */
interface Held extends Pick<HolderRequest, 'onLost' | 'onDoubt'> {
  /** What its advisory lock is named after; null where the clock alone ends the lease. */
  readonly lock: string | null;
  /** The connection that has its lock; undefined where it ended. */
  on: Promise<PostgresSession> | undefined;
  /** The process of the server behind that connection, or behind the one before it. */
  backend: number | undefined;
}

/**
 * The leases of this process. A holder has a row that the clock of the database ends, and where the port has sessions also a lock
 * that ends with its connection: then a process that dies is noticed at once.
 *
 * 1. The lock is taken before the row says so.
 * 2. A lease that ended is never renewed: who found it ended may rely on that.
 * 3. Where the lock's connection ended, others may see the lock free: who takes a session on that proof ends the lease in the same
 *    statement. So a holder that gets its lock back in time, and finds its lease going on, has lost nothing.
 */
export class Holders {
  readonly #options: ResolvedOptions;
  readonly #held = new Map<string, Held>();
  readonly #sql;
  /** Has the locks of all holders; there while one of them needs it. */
  #session: Promise<PostgresSession> | undefined;

  constructor(options: ResolvedOptions) {
    const { tables } = options;
    this.#options = options;
    this.#sql = {
      release: releaseLock(tables),
      regain: regainLock(tables),
      open: openHolder(tables),
      openLocked: openLockedHolder(tables),
      renew: renewHolder(tables),
      close: closeHolder(tables),
    };
  }

  async open({ holderId, leaseMs, ...told }: HolderRequest): Promise<void> {
    const { database, tables, scope, port, poll } = this.#options;
    const lock = poll || !port.session ? null : `${tables.schema} ${scope} ${holderId}`;
    const before = this.#held.get(holderId);
    const held: Held = { ...told, lock, on: before?.on, backend: before?.backend };
    this.#held.set(holderId, held);
    try {
      const values = [scope, holderId, leaseMs, lock];
      if (lock === null || held.on) await database.attempt(this.#sql.open, values);
      else await this.#openLocked(held, values);
    } catch (error) {
      // What was refused may have taken its lock before: locks outlive the statement.
      await this.#forget(holderId, held);
      throw toHelixError(error);
    }
  }

  async #openLocked(held: Held, values: readonly unknown[]): Promise<void> {
    const session = this.#openSession();
    held.on = session;
    const [row] = await this.#onSession<{ backend: number }>(session, this.#sql.openLocked, values);
    held.backend = row?.backend;
  }

  async renew(holderId: string): Promise<boolean> {
    const held = this.#held.get(holderId);
    if (!held) return false;
    try {
      if (await this.#renew(holderId, held)) return this.#held.get(holderId) === held;
    } catch (error) {
      if (this.#held.get(holderId) === held) throw toHelixError(error);
    }
    this.#lose(holderId, held);
    return false;
  }

  /** Over the connection of the lock: it tells that both are there. */
  async #renew(holderId: string, held: Held): Promise<boolean> {
    const { database, scope } = this.#options;
    const values = [scope, holderId];
    if (held.lock === null) return (await database.attempt(this.#sql.renew, values)).length > 0;
    if (!held.on) await this.#regain(holderId, held);
    if (!held.on) throw new HelixError('state_store_unavailable', 'the connection with the lock was lost again');
    return (await this.#onSession(held.on, this.#sql.renew, values)).length > 0;
  }

  /** Takes the lock again, over a new connection. Whether the lease still runs is another question. */
  async #regain(holderId: string, held: Held): Promise<void> {
    const session = this.#openSession();
    const [row] = await this.#onSession<{ backend: number }>(session, this.#sql.regain, [held.backend, held.lock]);
    if (this.#held.get(holderId) !== held) await this.#onSession(session, this.#sql.release, [held.lock]);
    if (this.#session === session) held.on = session;
    held.backend = row?.backend;
  }

  /**
   * A connection that does not answer is dead, and would never serve a holder again. One on which this holder was refused serves
   * the others: their locks are there.
   */
  async #onSession<Row>(session: Promise<PostgresSession>, sql: Sql, values: readonly unknown[]) {
    try {
      return await this.#options.database.attempt<Row>(sql, values, await session);
    } catch (error) {
      if (!isAnswer(error)) {
        this.#miss(session);
        void session.then((on) => on.close()).catch(() => {});
      }
      throw error;
    }
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

  /** Closes every holder of this process, also where one of them cannot. */
  async closeAll(): Promise<void> {
    const closed = await Promise.allSettled(Array.from(this.#held.keys(), (holderId) => this.close(holderId)));
    const failed = closed.find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
  }

  #openSession(): Promise<PostgresSession> {
    const { port } = this.#options;
    if (this.#session) return this.#session;
    if (!port.session)
      throw new TypeError('only a holder with a lock needs a session, and only a port with sessions has those');
    const opened = port.session(() => this.#miss(opened));
    this.#session = opened;
    opened.catch(() => this.#miss(opened));
    return opened;
  }

  /** The connection with the locks is gone. */
  #miss(session: Promise<PostgresSession>): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    for (const held of this.#held.values()) {
      if (held.on !== session) continue;
      held.on = undefined;
      if (held.onDoubt) queueMicrotask(held.onDoubt);
    }
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
      if (held.on !== session) return;
      await session.then((on) => this.#options.database.attempt(this.#sql.release, [held.lock], on)).catch(() => {});
    } else {
      this.#session = undefined;
      await session.then((on) => on.close()).catch(() => {});
    }
  }
}
