import { startPostgres, type PostgresServer } from '@helix-agents/postgres-embedded';
import { createPgAdapter, PostgresMigrations } from '@helix-agents/store-postgres';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';

/** A database, and a way into it past the driver under test. */
export interface TestDatabase {
  readonly connectionString: string;
  readonly pool: pg.Pool;
  /** Moves the clock of the database on, as far as the tables of the stores can tell. */
  advance(ms: number): Promise<void>;
}

/** One server for the tests of a file; each call of what is returned gives a database of its own, with the tables in it. */
export function testServer(): (options?: { migrate?: boolean }) => Promise<TestDatabase> {
  let server: PostgresServer | undefined;
  const pools: pg.Pool[] = [];
  beforeAll(async () => {
    server = await startPostgres({ durability: 'none', settings: { max_connections: '200' } });
  });
  afterAll(async () => {
    for (const pool of pools) await pool.end();
    await server?.stop();
  });
  return async ({ migrate = true } = {}) => {
    if (!server) throw new Error('the server is started before the first test');
    const connectionString = await server.createDatabase();
    const pool = new pg.Pool({ connectionString });
    pools.push(pool);
    // Also hears connections that end with the server.
    const port = createPgAdapter(pool);
    if (migrate) await new PostgresMigrations(port).run();
    const advance = async (ms: number) => {
      await pool.query(`update helix.holders set lease_until = lease_until - $1 * interval '1 ms'`, [ms]);
      await pool.query('update helix.sessions set wake_at = wake_at - $1', [ms]);
    };
    return { connectionString, pool, advance };
  };
}
