import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres, type PostgresServer } from '@helix-agents/postgres-embedded';
import { createPgAdapter, PostgresMigrations } from '@helix-agents/store-postgres';
import pg from 'pg';
import { BreakableNetwork } from './breakable-network.ts';
import { pgdataOf } from './pgdata-of.ts';
import { postmasterOf } from './postmaster-of.ts';

/** A server with the tables of the stores, and a replica that follows it and confirms nothing: what it has not heard of yet can be lost. */
export class ReplicatedPostgres {
  /** The way of all processes to whichever server leads. */
  readonly network: BreakableNetwork;
  readonly #primaryDir: string;
  readonly #primary: PostgresServer;
  readonly #replica: PostgresServer;
  readonly #replication: BreakableNetwork;

  private constructor(
    network: BreakableNetwork,
    primaryDir: string,
    primary: PostgresServer,
    replica: PostgresServer,
    replication: BreakableNetwork,
  ) {
    this.network = network;
    this.#primaryDir = primaryDir;
    this.#primary = primary;
    this.#replica = replica;
    this.#replication = replication;
  }

  /** @param folder - Keeps the data of both. */
  static async start(folder: string): Promise<ReplicatedPostgres> {
    const [primaryDir, replicaDir] = [join(folder, 'primary'), join(folder, 'replica')];
    await makeDatabase(primaryDir);
    // With the owner of the files, which is not root.
    execFileSync('cp', ['-a', primaryDir, replicaDir]);
    const primary = await startPostgres({ dataDir: primaryDir, durability: 'none' });
    const replication = await BreakableNetwork.to(primary.connectionString);
    writeFileSync(join(pgdataOf(replicaDir), 'standby.signal'), '');
    const settings = { primary_conninfo: replication.connectionString, wal_retrieve_retry_interval: '100ms' };
    const replica = await startPostgres({ dataDir: replicaDir, durability: 'none', settings });
    const network = await BreakableNetwork.to(primary.connectionString);
    return new ReplicatedPostgres(network, primaryDir, primary, replica, replication);
  }

  /** Resolves once the replica has all that the leader has now. */
  async untilReplicated(): Promise<void> {
    const [row] = await ask(this.#primary, `select pg_current_wal_lsn()::text as at`);
    for (;;) {
      const [seen] = await ask(this.#replica, `select pg_last_wal_replay_lsn() >= '${String(row?.['at'])}' as reached`);
      if (seen?.['reached'] === true) return;
      await sleep(20);
    }
  }

  /** From now on the replica hears nothing more. */
  leaveBehind(): void {
    this.#replication.break('reset');
  }

  /** The leader dies, and the replica takes over with what it has. */
  async failOver(): Promise<void> {
    process.kill(postmasterOf(this.#primaryDir), 'SIGQUIT');
    this.network.break('reset');
    await this.#primary.ended;
    await ask(this.#replica, 'select pg_promote()');
    this.network.leadTo(this.#replica.connectionString);
    this.network.heal();
  }

  async stop(): Promise<void> {
    await this.network.close();
    await this.#replication.close();
    await this.#primary.stop();
    await this.#replica.stop();
  }
}

async function makeDatabase(dataDir: string): Promise<void> {
  const server = await startPostgres({ dataDir, durability: 'none' });
  const pool = new pg.Pool({ connectionString: server.connectionString });
  await new PostgresMigrations(createPgAdapter(pool)).run();
  await pool.end();
  await server.stop();
}

async function ask({ connectionString }: PostgresServer, text: string): Promise<Readonly<Record<string, unknown>>[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const { rows } = await client.query<Readonly<Record<string, unknown>>>(text);
  await client.end();
  return rows;
}
