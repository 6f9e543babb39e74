import { npmAncestors, PostgresStartError, startPostgres, type PostgresServer } from '@helix-agents/postgres-embedded';
import {
  createPgAdapter,
  PostgresMigrations,
  PostgresStateStore,
  PostgresStreamManager,
} from '@helix-agents/store-postgres';
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

/** How long a server is waited for that does not answer. */
const maxWaitMs = 10_000;

/** Opens the database that the settings name, or an embedded Postgres that ends with this process. */
export async function openDatabase(settings: Pick<Settings, 'databaseUrl' | 'dataDir'>): Promise<Database> {
  const { databaseUrl, dataDir } = settings;
  const server = databaseUrl === null ? await startServer(dataDir) : null;
  const pool = new pg.Pool({
    connectionString: databaseUrl ?? server?.connectionString,
    max: 10,
    connectionTimeoutMillis: maxWaitMs,
  });
  const port = createPgAdapter(pool);
  try {
    await new PostgresMigrations(port).run();
  } catch (error) {
    await pool.end();
    await server?.stop();
    const message = error instanceof Error ? error.message : String(error);
    const next = databaseUrl === null ? `remove ${dataDir} and try again` : 'check DATABASE_URL';
    throw new Problem(`the database cannot be used: ${message}`, next);
  }
  // Who used the embedded one before us ended with it: nobody can come back.
  const stateStore = new PostgresStateStore({ port, ...(server && { restartGraceMs: 0 }) });
  const streamManager = new PostgresStreamManager({ port });
  let closing = false;
  const lost = new Promise<void>((resolve) => void server?.ended.then(() => closing || resolve()));
  const close = async (): Promise<void> => {
    closing = true;
    await stateStore.close();
    streamManager.close();
    await pool.end();
    await server?.stop();
  };
  return { stateStore, streamManager, lost, close };
}

async function startServer(dataDir: string): Promise<PostgresServer> {
  try {
    return await startPostgres({ dataDir, alsoEndWith: await npmAncestors() });
  } catch (error) {
    if (error instanceof PostgresStartError) throw toProblem(error);
    throw error;
  }
}

/** In the words of who set the variables. */
function toProblem({ code, what, nextStep }: PostgresStartError): Problem {
  if (code === 'postgres_data_dir_in_use')
    return new Problem(
      'another chat uses the same database',
      'end it, or set HELIX_DATA_DIR and PORT for a second one',
    );
  const next = code.startsWith('postgres_data_dir')
    ? 'set HELIX_DATA_DIR to a new folder that you may write'
    : nextStep;
  return new Problem(what.replace(/\.$/, ''), next);
}
