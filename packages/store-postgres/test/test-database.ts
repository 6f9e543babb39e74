import { afterAll, beforeAll } from 'vitest';
import pg from 'pg';
import { startPostgres, type PostgresServer } from '@helix-agents/postgres-embedded';
import { createPgAdapter, PostgresMigrations, type PostgresPort } from '../src/index.ts';

/** A database with our tables, and ways to look into it. */
export interface TestDatabase {
  readonly connectionString: string;
  readonly pool: pg.Pool;
  readonly port: PostgresPort;
  query<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Until some statement waits for a lock. */
  untilWaiting(): Promise<void>;
  /** Moves the clock of the database on, as far as our tables can tell. */
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** One server for the tests of a file; each call of what is returned gives a database of its own. */
export function testServer(): (options?: pg.PoolConfig & { migrate?: boolean }) => Promise<TestDatabase> {
  let server: PostgresServer | undefined;
  const opened: TestDatabase[] = [];
  beforeAll(async () => {
    server = await startPostgres({ durability: 'none', settings: { max_connections: '200' } });
  });
  afterAll(async () => {
    await Promise.all(opened.map((database) => database.close()));
    await server?.stop();
  });
  return async ({ migrate = true, ...options } = {}) => {
    if (!server) throw new Error('the server is started before the first test');
    const database = connect(await server.createDatabase(), options);
    opened.push(database);
    if (migrate) await new PostgresMigrations(database.port).run();
    return database;
  };
}

function connect(connectionString: string, options: pg.PoolConfig): TestDatabase {
  const pool = new pg.Pool({ connectionString, max: 20, ...options });
  let closed: Promise<void> | undefined;
  const query = async (text: string, values?: unknown[]) => (await pool.query(text, values)).rows;
  return {
    connectionString,
    pool,
    port: createPgAdapter(pool),
    query,
    untilWaiting: async () => {
      while ((await query('select 1 from pg_locks where not granted limit 1')).length === 0)
        await new Promise((resolve) => setTimeout(resolve, 10));
    },
    advance: async (ms) => {
      await query(`update helix.holders set lease_until = lease_until - $1 * interval '1 ms'`, [ms]);
      await query(`update helix.sessions set wake_at = wake_at - $1`, [ms]);
    },
    close: () => (closed ??= pool.end()),
  };
}
