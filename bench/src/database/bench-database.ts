import {
  createPgAdapter,
  PostgresMigrations,
  PostgresStateStore,
  PostgresStreamManager,
} from '@helix-agents/store-postgres';
import pg from 'pg';
import { CountingPort } from './counting-port.ts';
import { Floor } from './floor.ts';

/** One database with the tables of both sides, behind one pool. */
export class BenchDatabase {
  readonly connectionString: string;
  readonly pool: pg.Pool;
  readonly port: CountingPort;
  readonly store: PostgresStateStore;
  readonly streams: PostgresStreamManager;
  readonly floor: Floor;

  constructor(connectionString: string, poolSize: number) {
    this.connectionString = connectionString;
    this.pool = new pg.Pool({ connectionString, max: poolSize });
    this.port = new CountingPort(createPgAdapter(this.pool));
    this.store = new PostgresStateStore({ port: this.port });
    this.streams = new PostgresStreamManager({ port: this.port });
    this.floor = new Floor(this.pool);
  }

  static async open(connectionString: string, poolSize: number): Promise<BenchDatabase> {
    const database = new BenchDatabase(connectionString, poolSize);
    await new PostgresMigrations(database.port).run();
    await database.floor.create();
    return database;
  }

  /** Bytes of write-ahead log that some work writes. */
  async walBytes(work: () => Promise<unknown>): Promise<number> {
    const before = await this.#walPosition();
    await work();
    return (await this.#walPosition()) - before;
  }

  async #walPosition(): Promise<number> {
    const { rows } = await this.pool.query<{ at: string }>("select pg_current_wal_insert_lsn() - '0/0' as at");
    return Number(rows[0]?.at);
  }

  async close(): Promise<void> {
    this.streams.close();
    await this.store.close();
    await this.pool.end();
  }
}
