/** The part of pg's `Pool` that is used. */
export interface PgPool {
  readonly options?: {
    readonly max?: number;
    readonly connectionTimeoutMillis?: number | undefined;
    readonly connectionString?: string | undefined;
  };
  /** How many wait for a connection. */
  readonly waitingCount?: number;
  /** Whether it was ended: it gives no connection any more. */
  readonly ending?: boolean;
  /** What the pool makes its connections of. */
  Client?: new (config: never) => object;
  connect(): Promise<PgClient>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  /** Whenever a connection is given to someone. */
  on(event: 'acquire', listener: (client: PgClient) => void): unknown;
}

/** The part of pg's `PoolClient` that is used. */
export interface PgClient {
  /** The process of the server that serves it, as it was told when it connected. pg's native client does not say. */
  readonly processID?: number | null | undefined;
  query(config: PgQuery): Promise<PgResult>;
  on(event: 'notification', listener: (message: { payload?: string | undefined }) => void): unknown;
  on(event: 'error' | 'end', listener: () => void): unknown;
  release(destroy?: boolean): void;
}

/** The part of pg's query config that is used. */
export interface PgQuery {
  text: string;
  name?: string;
  values?: unknown[];
  query_timeout?: number;
}

/** pg answers several statements with several results. */
export type PgResult = PgRows | PgRows[];

/** The answer to one statement. */
export interface PgRows {
  rows: unknown[];
}
