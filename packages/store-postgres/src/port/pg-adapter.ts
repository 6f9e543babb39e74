import type { PostgresPort, PostgresResult, PostgresSession, PostgresStatement } from './postgres-port.ts';

/** Beside the one with the lock: the first commit of a step, its first chunks and a look at the inbox go out together. */
const firstConnections = 3;

/**
 * Makes the stores' port of a `Pool` of the package `pg`. Two connections of the pool are kept: one that listens, one that holds
 * the lock of the process; two carry commits. So give it at least six. The pool stays yours: end it after `close()` of the stores.
 */
export function createPgAdapter(pool: PgPool): PostgresPort {
  // A connection that the server closed while idle must not end the process: the next statement gets a new one.
  pool.on('error', () => {});
  return {
    query: (statement) => run(pool, statement),
    listen: async (channel, onNotify, onLost) => {
      const client = await dedicated(pool, onLost);
      client.onNotification((message) => onNotify(message.payload ?? ''));
      try {
        await client.query({ text: `listen ${quote(channel)}` });
      } catch (error) {
        await client.close();
        throw error;
      }
      return () => client.close();
    },
    session: (onLost) => {
      const session = dedicated(pool, onLost);
      openMore(pool);
      return session;
    },
  };
}

/** The part of pg's `Pool` that is used. */
export interface PgPool {
  query(config: PgQuery): Promise<PgResult>;
  connect(): Promise<PgClient>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** The part of pg's `PoolClient` that is used. */
export interface PgClient {
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
type PgResult = { rows: unknown[] } | { rows: unknown[] }[];

/**
 * Who takes a lock is about to begin: the first commits and chunks find connections open, where each would wait for one of its own.
 * A pool that has them, or may not have more, gives what it has.
 */
function openMore(pool: PgPool): void {
  for (let opened = 0; opened < firstConnections; opened += 1) {
    pool.connect().then(
      (client) => client.release(),
      () => {},
    );
  }
}

interface Dedicated extends PostgresSession {
  query(statement: Pick<PostgresStatement, 'text'> & Partial<PostgresStatement>): Promise<PostgresResult>;
  onNotification(listener: (message: { payload?: string | undefined }) => void): void;
}

async function dedicated(pool: PgPool, onLost: () => void): Promise<Dedicated> {
  const client = await pool.connect();
  let open = true;
  const release = () => {
    const first = open;
    open = false;
    if (first) client.release(true);
    return first;
  };
  const lost = () => {
    if (release()) onLost();
  };
  client.on('error', lost);
  client.on('end', lost);
  let last: Promise<unknown> = Promise.resolve();
  return {
    // One at a time: pg wants its clients so.
    query: (statement) => {
      const turn = last.then(() => run(client, statement));
      last = turn.catch(() => {});
      return turn;
    },
    onNotification: (listener) => void client.on('notification', listener),
    close: async () => void release(),
  };
}

async function run(
  target: Pick<PgClient, 'query'>,
  { text, values = [], name, timeoutMs }: Pick<PostgresStatement, 'text'> & Partial<PostgresStatement>,
): Promise<PostgresResult> {
  const result = await target.query({
    text,
    ...(values.length > 0 && { values: values as unknown[] }),
    ...(name !== undefined && { name }),
    ...(timeoutMs !== undefined && { query_timeout: timeoutMs }),
  });
  return Array.isArray(result) ? (result.at(-1) ?? { rows: [] }) : result;
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
