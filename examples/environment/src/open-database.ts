import { npmAncestors, PostgresStartError, startPostgres, type PostgresServer } from '@helix-agents/postgres-embedded';
import {
  createPgAdapter,
  PostgresMigrations,
  PostgresStateStore,
  PostgresStreamManager,
} from '@helix-agents/store-postgres';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Problem } from './problem.ts';

/** Where sessions and streams are kept. */
export interface Database {
  readonly stateStore: PostgresStateStore;
  readonly streamManager: PostgresStreamManager;
  /** Resolves where an embedded Postgres ended by itself: as where the npm is gone that started us. */
  readonly lost: Promise<void>;
  close(): Promise<void>;
}

/** Which database is opened. */
export interface DatabaseSettings {
  /** null: an embedded Postgres that keeps its data in `dataDir`. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
}

/** Where another program has the embedded database. */
export interface InUse {
  readonly message: string;
  readonly nextStep: string;
  /** How long its end is waited for: it may just be ending after a crash of its program. */
  readonly waitMs: number;
}

/** How long a server is waited for that does not answer. */
const maxWaitMs = 10_000;

/**
 * Opens the database that the settings name, or an embedded Postgres that ends with this process. Throws a {@link Problem} where that
 * cannot be; then nothing of it is left.
 */
export async function openDatabase({ databaseUrl, dataDir }: DatabaseSettings, inUse: InUse): Promise<Database> {
  const server = databaseUrl === null ? await startServer(dataDir, inUse) : null;
  const pool = new pg.Pool({
    connectionString: databaseUrl ?? server?.connectionString,
    max: 10,
    connectionTimeoutMillis: maxWaitMs,
  });
  const port = createPgAdapter(pool);
  const end = async () => {
    await pool.end();
    await server?.stop();
  };
  await new PostgresMigrations(port).run().catch(async (error: unknown) => {
    await end();
    throw unusable(error, databaseUrl === null ? `remove ${dataDir} and try again` : 'check DATABASE_URL');
  });
  // Who used the embedded one before us ended with it: nobody can come back.
  const stateStore = new PostgresStateStore({ port, restartGraceMs: server ? 0 : undefined });
  const streamManager = new PostgresStreamManager({ port });
  let closing = false;
  const lost = new Promise<void>((resolve) => void server?.ended.then(() => closing || resolve()));
  const close = async () => {
    closing = true;
    await stateStore.close();
    streamManager.close();
    await end();
  };
  return { stateStore, streamManager, lost, close };
}

function unusable(error: unknown, nextStep: string): Problem {
  const message = error instanceof Error ? error.message : String(error);
  return new Problem('state_store_unavailable', `the database cannot be used: ${message}`, nextStep);
}

async function startServer(dataDir: string, { message, nextStep, waitMs }: InUse): Promise<PostgresServer> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    try {
      return await startPostgres({ dataDir, alsoEndWith: await npmAncestors() });
    } catch (error) {
      if (!(error instanceof PostgresStartError)) throw error;
      if (error.code !== 'postgres_data_dir_in_use') throw toProblem(error);
      if (Date.now() >= deadline) throw new Problem(error.code, message, nextStep);
      await sleep(200);
    }
  }
}

/** Of a folder that does not suit, in the words of who set the variable. */
function toProblem({ code, what, nextStep }: PostgresStartError): Problem {
  const ofFolder = code.startsWith('postgres_data_dir');
  const next = ofFolder ? 'set HELIX_DATA_DIR to a new folder that you may write, or DATABASE_URL' : nextStep;
  return new Problem(code, what.replace(/\.$/, ''), next);
}
