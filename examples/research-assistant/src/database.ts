import { npmAncestors, PostgresStartError, startPostgres } from '@helix-agents/postgres-embedded';
import {
  createPgAdapter,
  PostgresMigrations,
  PostgresStateStore,
  PostgresStreamManager,
} from '@helix-agents/store-postgres';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Settings } from './config.ts';
import { Problem } from './problem.ts';

/** Where sessions and streams are kept. */
export interface Database {
  readonly stateStore: PostgresStateStore;
  readonly streamManager: PostgresStreamManager;
  /** Resolves where an embedded Postgres ended by itself: as where the npm is gone that started us. */
  readonly lost: Promise<void>;
  close(): Promise<void>;
}

/** How long a server is waited for that does not answer, or that is just ending after a crash of its program. */
const maxWaitMs = 10_000;

/** Opens the database that the settings name, or an embedded Postgres that ends with this process. */
export async function openDatabase({
  databaseUrl,
  dataDir,
}: Pick<Settings, 'databaseUrl' | 'dataDir'>): Promise<Database> {
  const server = databaseUrl === null ? await startServer(dataDir) : null;
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
  const stateStore = new PostgresStateStore({ port, ...(server && { restartGraceMs: 0 }) });
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

async function startServer(dataDir: string) {
  const deadline = Date.now() + maxWaitMs;
  for (;;) {
    try {
      return await startPostgres({ dataDir, alsoEndWith: await npmAncestors() });
    } catch (error) {
      if (!(error instanceof PostgresStartError)) throw error;
      if (error.code !== 'postgres_data_dir_in_use') throw toProblem(error);
      if (Date.now() > deadline)
        throw new Problem(error.code, 'another demo is using the database', 'end it first, or set DATABASE_URL');
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
