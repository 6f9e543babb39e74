import type { Clock, Random } from '@helix-agents/core';
import type { PostgresPort, PostgresSession } from '../port/postgres-port.ts';
import { failureKind, isTakenBack, toHelixError } from './postgres-failure.ts';
import type { Sql } from './sql.ts';

export interface DatabaseOptions {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly random: Pick<Random, 'fraction'>;
  readonly prepared: boolean;
  readonly statementTimeoutMs: number;
}

/** So often a statement is run that the server takes back each time: of those that are in each other's way, one gets through. */
const maxTries = 10;
const longestPauseMs = 50;

/** Runs our statements over the port: prepared where that is allowed, each with a time limit. */
export class Database {
  readonly port: PostgresPort;
  readonly #options: DatabaseOptions;

  constructor(port: PostgresPort, options: DatabaseOptions) {
    this.port = port;
    this.#options = options;
  }

  /**
   * One try, where the server does not ask for another. Rejects with the driver's error, so that the caller may ask what it means.
   */
  async attempt<Row>(sql: Sql, values: readonly unknown[], on: Pick<PostgresSession, 'query'> = this.port) {
    const { clock, random, prepared, statementTimeoutMs } = this.#options;
    const statement = { text: sql.text, values, timeoutMs: statementTimeoutMs };
    const query = prepared ? { ...statement, name: sql.name } : statement;
    for (let tries = 1; ; tries += 1) {
      try {
        return (await on.query(query)).rows as readonly Row[];
      } catch (error) {
        if (!isTakenBack(error) || tries === maxTries) throw error;
        // Not all at once again.
        await clock.sleep(random.fraction() * Math.min(2 ** tries, longestPauseMs));
      }
    }
  }

  /** One try that rejects with a `HelixError`. */
  async once<Row>(sql: Sql, values: readonly unknown[]): Promise<readonly Row[]> {
    return this.attempt<Row>(sql, values).catch((error: unknown) => Promise.reject(toHelixError(error)));
  }

  /** For statements that do no harm when they run twice: a connection that was found dead costs a second try. */
  async repeatable<Row>(sql: Sql, values: readonly unknown[]): Promise<readonly Row[]> {
    try {
      return await this.attempt<Row>(sql, values);
    } catch (error) {
      if (failureKind(error) !== 'again') throw toHelixError(error);
      return this.once<Row>(sql, values);
    }
  }
}
