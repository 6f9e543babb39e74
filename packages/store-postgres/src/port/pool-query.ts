import type { PgClient, PgPool, PgQuery, PgResult } from './pg-adapter.ts';

/**
 * Runs a statement on a connection of the pool, all within its time: waiting for a connection too, since one that is opened over
 * a dead network waits for ever. What did not answer in time is not given back: nobody knows what it would answer to the next.
 */
export function poolQuery(pool: Pick<PgPool, 'connect'>, query: PgQuery, timeoutMs: number): Promise<PgResult> {
  return new Promise((resolve, reject) => {
    let client: PgClient | undefined;
    let over = false;
    const timer = setTimeout(() => {
      over = true;
      client?.release(true);
      reject(new Error(`no answer in ${timeoutMs} ms`));
    }, timeoutMs);
    const end = (destroy: boolean) => {
      clearTimeout(timer);
      const inTime = !over;
      over = true;
      if (inTime) client?.release(destroy);
    };
    const fail = (error: unknown) => {
      end(!isAnswer(error));
      reject(error);
    };
    pool.connect().then((connected) => {
      if (over) return connected.release();
      client = guarded(connected);
      return connected.query(query).then((result) => {
        end(false);
        return resolve(result);
      }, fail);
    }, fail);
  });
}

/** Runs a statement, however long it takes, and gives its connection back. */
export async function queryThenRelease(client: PgClient, query: PgQuery): Promise<PgResult> {
  try {
    const result = await guarded(client).query(query);
    client.release();
    return result;
  } catch (error) {
    client.release(!isAnswer(error));
    throw error;
  }
}

/** A connection of the pool, or a rejection in time; one that comes later goes back. */
export function poolConnect(pool: Pick<PgPool, 'connect'>, timeoutMs: number): Promise<PgClient> {
  return new Promise((resolve, reject) => {
    let over = false;
    const timer = setTimeout(() => {
      over = true;
      reject(new Error(`no connection in ${timeoutMs} ms`));
    }, timeoutMs);
    pool.connect().then(
      (client) => {
        clearTimeout(timer);
        return over ? client.release() : resolve(client);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

const guardedClients = new WeakSet<PgClient>();

/** The end of a connection in use is told by its query; an event that nobody hears would end the process. */
function guarded(client: PgClient): PgClient {
  if (!guardedClients.has(client)) client.on('error', () => {});
  guardedClients.add(client);
  return client;
}

/** Whether the server answered, and the connection goes on: it ends with failures of the connection and of the server itself. */
function isAnswer(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && /^\d/.test(code) && !/^(08|57P|58)/.test(code);
}
