import { createPgAdapter, type PostgresOptions, type PostgresPort } from '@helix-agents/store-postgres';
import { neon, neonConfig, Pool } from '@neondatabase/serverless';
import pg from 'pg';

/** How a process reaches a database. Plain data: a test tells it to other processes. */
export type Way =
  | { readonly driver: 'neon-pool'; readonly connectionString: string; readonly proxyPort: number }
  | { readonly driver: 'neon-http'; readonly connectionString: string; readonly endpoint: string }
  | { readonly driver: 'pg-pooled'; readonly connectionString: string };

/** What a process makes of its way: what both stores are given, and how to let go of it. */
export interface Access {
  readonly options: PostgresOptions;
  close(): Promise<void>;
}

/** Where nobody can call a process, it looks as often as this. */
const pollMs = 20;

export function openAccess(way: Way): Access {
  switch (way.driver) {
    case 'neon-pool': {
      const pool = neonPool(way);
      return { options: { port: createPgAdapter(pool) }, close: () => pool.end() };
    }
    case 'neon-http':
      return { options: { port: neonHttpPort(way), pollMs }, close: async () => {} };
    case 'pg-pooled': {
      const pool = new pg.Pool({ connectionString: way.connectionString });
      return {
        options: { port: createPgAdapter(pool), prepared: false, poll: true, pollMs },
        close: () => pool.end(),
      };
    }
  }
}

/** Without encryption, and with a password that the server asks for: ours is no Neon. */
function neonPool({ connectionString, proxyPort }: Way & { driver: 'neon-pool' }): Pool {
  neonConfig.wsProxy = (host, port) => `127.0.0.1:${proxyPort}/v1?address=${host}:${port}`;
  neonConfig.useSecureWebSocket = false;
  neonConfig.pipelineConnect = false;
  return new Pool({ connectionString });
}

/** As the README of the stores shows it. */
function neonHttpPort({ connectionString, endpoint }: Way & { driver: 'neon-http' }): PostgresPort {
  neonConfig.fetchEndpoint = endpoint;
  const sql = neon(connectionString);
  return {
    query: async ({ text, values, timeoutMs = 5_000 }) => {
      const fetchOptions = { signal: AbortSignal.timeout(timeoutMs) };
      return { rows: await sql.query(text, [...values], { fetchOptions }) };
    },
  };
}
