import { startPostgres, type PostgresServer } from '@helix-agents/postgres-embedded';
import { BenchDatabase } from './bench-database.ts';

/** Nothing that happens now and then may fall into one round and not into the other. */
const settings = { checkpoint_timeout: '1h', max_wal_size: '32GB', max_connections: '200', autovacuum_naptime: '600' };

/** A server for benchmarks: fsync on, and each benchmark gets a database of its own. */
export class BenchPostgres {
  readonly #server: PostgresServer;

  private constructor(server: PostgresServer) {
    this.#server = server;
  }

  static async start(): Promise<BenchPostgres> {
    return new BenchPostgres(await startPostgres({ durability: 'full', settings }));
  }

  get port(): number {
    return this.#server.port;
  }

  async database(poolSize = 10): Promise<BenchDatabase> {
    return BenchDatabase.open(await this.#server.createDatabase(), poolSize);
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }
}
