import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import pg from 'pg';

/** Answers one statement a request, as Neon's SQL over HTTP does: whatever Postgres says of it, with values as Postgres writes them. */
export interface NeonHttpEndpoint {
  readonly url: string;
  close(): Promise<void>;
}

export async function neonHttpEndpoint(): Promise<NeonHttpEndpoint> {
  const pools = new Map<string, pg.Pool>();
  const poolOf = (connectionString: string) => pools.get(connectionString) ?? newPool(connectionString);
  const newPool = (connectionString: string) => {
    const pool = new pg.Pool({ connectionString });
    // What is idle when its server ends says so.
    pool.on('connect', (client) => void client.on('error', () => {}));
    pool.on('error', () => {});
    pools.set(connectionString, pool);
    return pool;
  };
  const server = createServer((request, response) => {
    // Who asked may be gone.
    answer(request, response, poolOf).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sql`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      for (const pool of pools.values()) await pool.end();
    },
  };
}

type PoolOf = (connectionString: string) => pg.Pool;

interface Asked {
  readonly query: string;
  readonly params: unknown[];
}

async function answer(request: IncomingMessage, response: ServerResponse, poolOf: PoolOf): Promise<void> {
  const { query, params } = (await json(request)) as Asked;
  const pool = poolOf(String(request.headers['neon-connection-string']));
  const { status, body } = await run(pool, query, params);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function run(pool: pg.Pool, text: string, values: unknown[]) {
  const types = { getTypeParser: () => (value: string) => value };
  // Extended also without values: there is one statement to a request, as at Neon.
  const statement = { text, values, types, rowMode: 'array', queryMode: 'extended' } as const;
  try {
    const { fields, rows, command, rowCount } = await pool.query(statement);
    return { status: 200, body: { fields, rows, command, rowCount, rowAsArray: true } };
  } catch (error) {
    const { message, code, severity, detail } = error as pg.DatabaseError;
    return { status: 400, body: { message, code, severity, detail } };
  }
}
