import { HelixError } from '@helix-agents/core';
import { mayStillRun } from './cancel-statement.ts';
import { ConnectionQueue } from './connection-queue.ts';
import { guardClients } from './guard-clients.ts';
import { limitOpening } from './limit-opening.ts';
import { mustHaveOwnConnection } from './own-connection.ts';
import type { PgClient, PgPool, PgQuery } from './pg-pool.ts';
import { queryThenRelease } from './pool-query.ts';
import type { PostgresPort, PostgresResult, PostgresSession, PostgresStatement } from './postgres-port.ts';
import { lastOf } from './run-query.ts';

/** Beside the one with the lock: the first commit of a step, its first chunks and a look at the inbox go out together. */
const firstConnections = 3;
/** How long a connection may take to open, and how long we wait for one, where the pool does not say. */
const connectTimeoutMs = 10_000;
/** How long a connection that only listens may take to answer. */
const listenTimeoutMs = 10_000;
/** How often a connection that only listens is asked whether it is there. */
const beatMs = 15_000;

/**
 * Makes the stores' port of a `Pool` of the package `pg`. Two connections of the pool are kept: one that listens, one that holds
 * the lock of the process; two carry commits. So give it six or more; stores refuse a pool of less than three, which would wait for
 * itself. The pool stays yours: end it after `close()` of the stores.
 *
 * Our statements wait at most the pool's `connectionTimeoutMillis` for a connection, or 10 s where that is not set or 0; your own
 * wait as the pool says. Where it is not set, a connection that does not open within 10 s is given up, whoever asked for it: those
 * that open over a dead network would fill the pool for ever. Set it to have another limit, or to 0 to have none.
 *
 * @throws HelixError `input_invalid` for what is no pool, and for a pool whose connection string names no Postgres
 */
export function createPgAdapter(pool: PgPool): PostgresPort {
  mustBePool(pool);
  mustNamePostgres(pool.options?.connectionString);
  prepare(pool);
  const { max, connectionTimeoutMillis } = pool.options ?? {};
  const connections = new ConnectionQueue(pool, connectionTimeoutMillis || connectTimeoutMs);
  return {
    ...(max !== undefined && { maxConnections: max }),
    // Two clocks: a pool under load makes a statement wait, and says nothing about the connection that it then gets.
    query: async (statement) => {
      const client = connections.kept() ?? (await connections.connect());
      return queryThenRelease(client, connections, toQuery(statement), statement.timeoutMs);
    },
    listen: async (channel, onNotify, onLost) => {
      const client = await dedicated(connections, () => {
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
        await neverIdle(client);
        await listen();
      } catch (error) {
        await close();
        throw error;
      }
      return close;
    },
    session: async (onLost) => {
      const opening = dedicated(connections, onLost);
      openMore(pool);
      const session = await opening;
      let told: Promise<void> | undefined;
      const query: PostgresSession['query'] = (statement) => {
        const answer = session.query(statement);
        // After the first one: a run waits for that.
        told ??= neverIdle(session);
        return answer;
      };
      return { query, close: () => session.close() };
    },
  };
}

const prepared = new WeakSet<PgPool>();

/** Once, however many ports are made of it. */
function prepare(pool: PgPool): void {
  if (prepared.has(pool)) return;
  prepared.add(pool);
  // A connection that the server closed while idle must not end the process: the next statement gets a new one.
  pool.on('error', () => {});
  guardClients(pool);
  limitOpening(pool, connectTimeoutMs);
}

/** A client of pg has the same methods, and would end the process with the first connection that is given back. */
function mustBePool(given: Partial<PgPool> | undefined): void {
  const isPool = typeof given?.connect === 'function' && typeof given.on === 'function';
  if (!isPool || 'connectionParameters' in given)
    throw new HelixError(
      'input_invalid',
      'createPgAdapter takes a Pool of the package pg: new pg.Pool({ connectionString })',
    );
}

/** Of anything else pg makes a host that nobody has, and looks for it for ever. It is not shown: it may hold a password. */
function mustNamePostgres(connectionString: string | undefined): void {
  if (connectionString === undefined || /^(\/|socket:|[a-z]+:\/\/)/i.test(connectionString)) return;
  throw new HelixError(
    'input_invalid',
    'the connectionString of the pool names no Postgres: it is postgres://user:password@host:5432/database',
  );
}

/**
 * Who takes a lock is about to begin: the first commits and chunks find connections open, where each would wait for one of its own.
 * A pool that has them, or may not have more, gives what it has.
 */
function openMore(pool: PgPool): void {
  for (let opened = 0; opened < firstConnections; opened += 1) openOne(pool).catch(() => {});
}

/** Asynchronous from its first line: a pool may throw before it promises anything. */
async function openOne(pool: PgPool): Promise<void> {
  (await pool.connect()).release();
}

interface Dedicated extends PostgresSession {
  query(statement: Pick<PostgresStatement, 'text'> & Partial<PostgresStatement>): Promise<PostgresResult>;
  onNotification(listener: (message: { payload?: string | undefined }) => void): void;
  /** Gives the connection up, as if its end had been noticed. */
  readonly lose: () => void;
}

async function dedicated(connections: ConnectionQueue, onLost: () => void): Promise<Dedicated> {
  const client = await ownConnection(connections);
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
      // The next one waits for that: it would be the one that is cancelled.
      last = turn.catch((error: unknown) => (open && mayStillRun(error) ? connections.cancel(client) : undefined));
      return turn;
    },
    onNotification: (listener) => void client.on('notification', listener),
    close: async () => void release(),
    lose,
  };
}

async function ownConnection(connections: ConnectionQueue): Promise<PgClient> {
  const client = await connections.connect();
  try {
    await mustHaveOwnConnection(client, () => connections.connect());
    return client;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

/** It rests between renewals and notices: no limit for idle connections is meant for it. Servers before 14 have none. */
async function neverIdle(client: Dedicated): Promise<void> {
  await client.query({ text: 'set idle_session_timeout = 0', timeoutMs: listenTimeoutMs }).catch(() => {});
}

function toQuery({ text, values = [], name }: Pick<PostgresStatement, 'text'> & Partial<PostgresStatement>): PgQuery {
  return { text, ...(values.length > 0 && { values: values as unknown[] }), ...(name !== undefined && { name }) };
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
