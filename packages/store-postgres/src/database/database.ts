import type { PostgresPort, PostgresSession, PostgresStatement } from '../port/postgres-port.ts';
import { failureKind, toHelixError } from './postgres-failure.ts';
import type { Sql } from './sql.ts';

export interface DatabaseOptions {
  readonly prepared: boolean;
  readonly statementTimeoutMs: number;
}

/** A statement of ours with its values. */
export interface SqlCall {
  readonly sql: Sql;
  readonly values: readonly unknown[];
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
    const { rows } = await on.query(this.#statement(sql, values));
    return rows as readonly Row[];
  }

  /** Whether several statements can be sent together. */
  get sendsTogether(): boolean {
    return this.#options.prepared && this.port.transaction !== undefined;
  }

  /** One try of several statements in one transaction, where they can be sent together. Rejects as `attempt` does: none had an effect. */
  async attemptTogether<Row>(calls: readonly SqlCall[]): Promise<readonly (readonly Row[])[]> {
    const statements = calls.map(({ sql, values }) => this.#statement(sql, values));
    const results = await this.port.transaction!(statements);
    return results.map(({ rows }) => rows as readonly Row[]);
  }

  #statement(sql: Sql, values: readonly unknown[]): PostgresStatement {
    const { prepared, statementTimeoutMs } = this.#options;
    const statement = { text: sql.text, values, timeoutMs: statementTimeoutMs };
    return prepared ? { ...statement, name: sql.name } : statement;
  }

  /** One try that rejects with a `HelixError`. */
  async write<Row>(sql: Sql, values: readonly unknown[]): Promise<readonly Row[]> {
    return this.attempt<Row>(sql, values).catch((error: unknown) => Promise.reject(toHelixError(error)));
  }

  /** For statements that may be repeated: a connection that was found dead costs a second try. */
  async read<Row>(sql: Sql, values: readonly unknown[]): Promise<readonly Row[]> {
    try {
      return await this.attempt<Row>(sql, values);
    } catch (error) {
      if (failureKind(error) !== 'again') throw toHelixError(error);
      return this.write<Row>(sql, values);
    }
  }
}
