import { startPostgres, type PostgresServer } from '@helix-agents/postgres-embedded';
import {
  createPgAdapter,
  PostgresMigrations,
  PostgresStateStore,
  PostgresStreamManager,
} from '@helix-agents/store-postgres';
import pg from 'pg';

/** A server with the tables of the stores. */
export async function startDatabase(): Promise<PostgresServer> {
  const server = await startPostgres({ durability: 'none' });
  const pool = new pg.Pool({ connectionString: server.connectionString });
  await new PostgresMigrations(createPgAdapter(pool)).run();
  await pool.end();
  return server;
}

/** What a process has of the database: a pool, and both stores over it. */
export interface Stores {
  readonly pool: pg.Pool;
  readonly store: PostgresStateStore;
  readonly streams: PostgresStreamManager;
  readonly close: () => Promise<void>;
}

interface Timeouts {
  readonly connectionTimeoutMillis?: number;
  readonly statementTimeoutMs?: number;
  readonly commitTimeoutMs?: number;
  readonly takeoverGraceMs?: number;
}

export function openStores(connectionString: string, { connectionTimeoutMillis, ...timeouts }: Timeouts = {}): Stores {
  const pool = new pg.Pool({ connectionString, max: 8, connectionTimeoutMillis });
  const port = createPgAdapter(pool);
  const store = new PostgresStateStore({ port, ...timeouts });
  const streams = new PostgresStreamManager({ port, ...timeouts });
  const close = async () => {
    await store.close();
    streams.close();
    await pool.end();
  };
  return { pool, store, streams, close };
}
