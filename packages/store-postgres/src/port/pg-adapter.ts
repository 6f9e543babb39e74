import { poolConnect, poolQuery, queryThenRelease } from './pool-query.ts';
import type { PostgresPort, PostgresResult, PostgresSession, PostgresStatement } from './postgres-port.ts';

/** Beside the one with the lock: the first commit of a step, its first chunks and a look at the inbox go out together. */
const firstConnections = 3;
/** How long a connection may take to open. */
const connectTimeoutMs = 10_000;
/** How long a connection that only listens may take to answer. */
const listenTimeoutMs = 10_000;
/** How often a connection that only listens is asked whether it is there. */
const beatMs = 15_000;

/**
 * Makes the stores' port of a `Pool` of the package `pg`. Two connections of the pool are kept: one that listens, one that holds
 * the lock of the process; two carry commits. So give it at least six. The pool stays yours: end it after `close()` of the stores.
 * One without a `connectionTimeoutMillis` gets 10 s: connections that open over a dead network would fill it for ever.
 */
export function createPgAdapter(pool: PgPool): PostgresPort {
  // A connection that the server closed while idle must not end the process: the next statement gets a new one.
  pool.on('error', () => {});
  if (pool.options) pool.options.connectionTimeoutMillis ||= connectTimeoutMs;
  return {
    query: async (statement) => lastOf(await runOnPool(pool, statement)),
    listen: async (channel, onNotify, onLost) => {
      const client = await dedicated(pool, () => {
        clearInterval(beat);
        onLost();
      });
      client.onNotification((message) => onNotify(message.payload ?? ''));
      // Who only listens would never know that a network is dead.
      const listen = () => client.query({ text: `listen ${quote(channel)}`, timeoutMs: listenTimeoutMs });
      const beat = setInterval(() => void listen().catch(client.lose), beatMs);
      beat.unref();
      const close = () => {
        clearInterval(beat);
        return client.close();
      };
      try {
        await listen();
      } catch (error) {
        await close();
        throw error;
      }
      return close;
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
  readonly options?: { connectionTimeoutMillis?: number | undefined };
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
export type PgResult = { rows: unknown[] } | { rows: unknown[] }[];

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
  /** Gives the connection up, as if its end had been noticed. */
  readonly lose: () => void;
}

async function dedicated(pool: PgPool, onLost: () => void): Promise<Dedicated> {
  const client = await poolConnect(pool, connectTimeoutMs);
  let open = true;
  const release = () => {
    const first = open;
    open = false;
    if (first) client.release(true);
    return first;
  };
  const lose = () => {
    if (release()) onLost();
  };
  client.on('error', lose);
  client.on('end', lose);
  let last: Promise<unknown> = Promise.resolve();
  return {
    // One at a time: pg wants its clients so.
    query: (statement) => {
      const { timeoutMs } = statement;
      const query = { ...toQuery(statement), ...(timeoutMs !== undefined && { query_timeout: timeoutMs }) };
      const turn = last.then(async () => lastOf(await client.query(query)));
      last = turn.catch(() => {});
      return turn;
    },
    onNotification: (listener) => void client.on('notification', listener),
    close: async () => void release(),
    lose,
  };
}

/** A statement without a time limit may wait for others as long as it must; its connection may not. */
async function runOnPool(pool: PgPool, statement: PostgresStatement): Promise<PgResult> {
  const { timeoutMs } = statement;
  if (timeoutMs !== undefined) return poolQuery(pool, toQuery(statement), timeoutMs);
  return queryThenRelease(await poolConnect(pool, connectTimeoutMs), toQuery(statement));
}

function toQuery({ text, values = [], name }: Pick<PostgresStatement, 'text'> & Partial<PostgresStatement>): PgQuery {
  return { text, ...(values.length > 0 && { values: values as unknown[] }), ...(name !== undefined && { name }) };
}

function lastOf(result: PgResult): PostgresResult {
  return Array.isArray(result) ? (result.at(-1) ?? { rows: [] }) : result;
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
