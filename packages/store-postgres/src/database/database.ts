import type { PostgresPort, PostgresSession } from '../port/postgres-port.ts';
import { failureKind, toHelixError } from './postgres-failure.ts';
import type { Sql } from './sql.ts';

export interface DatabaseOptions {
  readonly prepared: boolean;
  readonly statementTimeoutMs: number;
}

/** Runs our statements over the port: prepared where that is allowed, each with a time limit. */
export class Database {
  readonly port: PostgresPort;
  readonly #options: DatabaseOptions;

  constructor(port: PostgresPort, options: DatabaseOptions) {
    this.port = port;
    this.#options = options;
  }

  /** One try. Rejects with the driver's error, so that the caller may ask what it means. */
  async attempt<Row>(sql: Sql, values: readonly unknown[], on: Pick<PostgresSession, 'query'> = this.port) {
    const { prepared, statementTimeoutMs } = this.#options;
    const statement = { text: sql.text, values, timeoutMs: statementTimeoutMs };
    const { rows } = await on.query(prepared ? { ...statement, name: sql.name } : statement);
    return rows as readonly Row[];
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
