/**
 * What the stores need of a Postgres driver. `createPgAdapter` makes one of the pool of pg, also over Hyperdrive, and of Neon's; over
 * Neon's HTTP it has a `query` alone.
 *
 * A driver without `listen` is polled, one without `session` has leases that only the clock ends.
 */
export interface PostgresPort {
  /** How many connections there may be at a time, where that is known: stores refuse too few for what they keep. */
  readonly maxConnections?: number | undefined;
  /**
   * Runs one statement in a transaction of its own. A statement without values may be several, separated by `;`: then they are
   * one transaction. Rejects with an error whose `code` is the SQLSTATE where the server answered, and any other where it did not.
   */
  query(statement: PostgresStatement): Promise<PostgresResult>;
  /**
   * Listens on a channel over a connection of its own. `onLost` is called once where that connection ends unasked. Resolves with
   * the way to stop.
   */
  listen?(channel: string, onNotify: (payload: string) => void, onLost: () => void): Promise<() => Promise<void>>;
  /** A connection of its own, kept until it is closed; `onLost` is called once where it ends unasked. */
  session?(onLost: () => void): Promise<PostgresSession>;
  /** Has none: a pool of `pg` is no port, `createPgAdapter` makes one of it. */
  readonly connect?: never;
}

/** A statement with its parameters, as a port runs it. */
export interface PostgresStatement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Where present, the statement is prepared under this name once a connection. */
  readonly name?: string;
  /**
   * Rejects after this many milliseconds without an answer; the statement may still have its effect. Counted from when it is
   * sent: waiting for a connection has a limit of its own.
   */
  readonly timeoutMs?: number;
}

/** Rows by column name; `text`, `int4`, `float8` and `bool` columns arrive as string, number and boolean. */
export interface PostgresResult {
  readonly rows: readonly unknown[];
}

/** One connection with its session state: advisory locks last until it is closed. */
export interface PostgresSession {
  query(statement: PostgresStatement): Promise<PostgresResult>;
  close(): Promise<void>;
}
