import { setTimeout as sleep } from 'node:timers/promises';
import { streamIdOf } from '@helix-agents/core';
import {
  createPgAdapter,
  PostgresMigrations,
  PostgresStateStore,
  PostgresStreamManager,
} from '@helix-agents/store-postgres';
import pg from 'pg';
import type { InboxRow, KeptSession, LogRow } from './kept-session.ts';
import { storeTimeouts } from './soak-limits.ts';

const tables = ['session_log', 'sessions', 'session_runs', 'session_calls', 'session_inbox', 'stream_log'];

/** The database as who sees it who is never cut off from it. */
export class SoakDatabase {
  readonly store: PostgresStateStore;
  readonly #streams: PostgresStreamManager;
  readonly #pool: pg.Pool;

  private constructor(pool: pg.Pool) {
    const options = { port: createPgAdapter(pool), poll: true, ...storeTimeouts };
    this.#pool = pool;
    this.store = new PostgresStateStore(options);
    this.#streams = new PostgresStreamManager(options);
  }

  static async open(connectionString: string): Promise<SoakDatabase> {
    const pool = new pg.Pool({ connectionString, max: 6 });
    const database = new SoakDatabase(pool);
    await new PostgresMigrations(createPgAdapter(pool)).run();
    return database;
  }

  /** Where a run's part of the stream begins; 0 for a run that is gone. */
  async startOf(sessionId: string, runId: string): Promise<number> {
    for (;;) {
      try {
        const current = (await this.store.load(sessionId))?.run;
        const run = current?.runId === runId ? current : (await this.store.findEndedRun(sessionId, { runId }))?.run;
        return run?.startSequence ?? 0;
      } catch {
        await sleep(300);
      }
    }
  }

  /** Null where nothing is kept. */
  async kept(sessionId: string): Promise<KeptSession | null> {
    const session = await this.store.load(sessionId);
    if (!session) return null;
    const [messages, runs, { chunks }, log, inbox] = await Promise.all([
      this.store.messagesAfter(sessionId, 0),
      this.store.listRuns(sessionId),
      this.#streams.read(streamIdOf(session), 0, 1_000_000),
      this.#query<LogRow>(
        'select version, epoch, token, body::text, messages::text from helix.session_log where session_id = $1 order by version',
        [sessionId],
      ),
      this.#query<InboxRow>('select seq, body::text from helix.session_inbox where session_id = $1 order by seq', [
        sessionId,
      ]),
    ]);
    return { sessionId, session, messages, runs, chunks, log, inbox };
  }

  /** Rows of a session that was deleted, by table. */
  async leftOf(sessionId: string): Promise<string[]> {
    const counts = tables.map(async (table) => {
      const isOfIt = table === 'stream_log' ? "split_part(stream_id, '.', 1) = $1" : 'session_id = $1';
      const [row] = await this.#query<{ n: number }>(`select count(*)::int as n from helix.${table} where ${isOfIt}`, [
        sessionId,
      ]);
      return row?.n ? [`${row.n} of ${table}`] : [];
    });
    return (await Promise.all(counts)).flat();
  }

  /** How many advisory locks are held. */
  async locks(): Promise<number> {
    const [row] = await this.#query<{ n: number }>(
      "select count(*)::int as n from pg_locks where locktype = 'advisory' and granted",
    );
    return row?.n ?? 0;
  }

  /** What stands open beside our own connections. */
  async foreignConnections(): Promise<number> {
    const [row] = await this.#query<{ n: number }>(
      "select count(*)::int as n from pg_stat_activity where backend_type = 'client backend'",
    );
    return (row?.n ?? 0) - this.#pool.totalCount;
  }

  async close(): Promise<void> {
    await this.store.close();
    this.#streams.close();
    await this.#pool.end();
  }

  async #query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.#pool.query<Row>(text, values)).rows;
  }
}
