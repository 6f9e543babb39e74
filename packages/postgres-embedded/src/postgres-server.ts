import { randomBytes } from 'node:crypto';
import { Client, escapeIdentifier } from 'pg';

/** A server that accepts connections. */
export interface PostgresServer {
  /** Of {@link database}, as a superuser. */
  readonly connectionString: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /**
   * Makes a database and resolves with its connection string.
   *
   * @param name - Default: a new one.
   * @param options - `template`: name of a database to copy, which nobody may be connected to; far faster than migrating again.
   * @throws The database error of `pg` when the name is taken or the template is in use.
   */
  createDatabase(name?: string, options?: { readonly template?: string | undefined }): Promise<string>;
  /** Ends the server and removes temporary data. Open connections are cut. May be called again. */
  stop(): Promise<void>;
  /** Resolves when the server has ended, by `stop` or otherwise. */
  readonly ended: Promise<void>;
  /** The same as `stop`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

const host = '127.0.0.1';
const user = 'postgres';
const database = 'postgres';

/** @param process - Ends the server, and tells when it has ended. */
export function postgresServer(
  { port, password }: { port: number; password: string },
  process: { end(): Promise<void>; readonly ended: Promise<void> },
): PostgresServer {
  const connectionStringOf = (name: string): string =>
    `postgresql://${user}:${password}@${host}:${port}/${encodeURIComponent(name)}`;
  const connectionString = connectionStringOf(database);
  const stop = (): Promise<void> => process.end();
  return {
    connectionString,
    host,
    port,
    user,
    password,
    database,
    createDatabase: async (name = `db_${randomBytes(8).toString('hex')}`, { template } = {}) => {
      const source = template === undefined ? '' : ` template ${escapeIdentifier(template)}`;
      await runStatement(connectionString, `create database ${escapeIdentifier(name)}${source}`);
      return connectionStringOf(name);
    },
    stop,
    ended: process.ended,
    [Symbol.asyncDispose]: stop,
  };
}

async function runStatement(connectionString: string, statement: string): Promise<void> {
  const client = new Client({ connectionString });
  // A connection that breaks is told by the statement that fails; without a listener the event would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end();
  }
}
