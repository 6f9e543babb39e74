import { resolvePorts } from '@helix-agents/core';
import type pg from 'pg';

/** One commit of a session, as bytes: what the least that could be written would still have to write. */
export interface FloorCommit {
  readonly token: string;
  readonly body: string;
}

/**
 * The least that a durable loop can cost on Postgres: two plain autocommit INSERTs a step, prepared, of the bytes that our own
 * commits have. It checks nothing, fences nothing, and can only be read back because its rows have a key.
 */
export class Floor {
  readonly #pool: pg.Pool;
  readonly #ids = resolvePorts().ids;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async create(): Promise<void> {
    await this.#pool.query(`create table if not exists floor_log (
      version int not null, session_id text collate "C" not null, token text collate "C" not null, body json not null,
      primary key (session_id, version))`);
    await this.#pool.query('alter table floor_log alter body set storage external');
  }

  /** A session of its own that makes these commits, one after the other. */
  async run(commits: readonly FloorCommit[]): Promise<void> {
    const sessionId = this.sessionId();
    for (const [index, commit] of commits.entries()) await this.insert(sessionId, index + 1, commit);
  }

  /**
   * What joining could reach at most: many sessions in step, whose commits leave as plain INSERTs of many rows, one on its way for
   * each half of the sessions. Nothing checks them and no loop makes them.
   */
  async runJoined(sessions: number, commits: readonly FloorCommit[]): Promise<void> {
    const ids = Array.from({ length: sessions }, () => this.sessionId());
    const middle = Math.ceil(sessions / 2);
    await Promise.all([ids.slice(0, middle), ids.slice(middle)].map((half) => this.#runInStep(half, commits)));
  }

  async #runInStep(sessionIds: readonly string[], commits: readonly FloorCommit[]): Promise<void> {
    const rows = sessionIds.map((_, row) => `(${[1, 2, 3, 4].map((column) => `$${4 * row + column}`).join(', ')})`);
    const statement = {
      name: `floor_${rows.length}`,
      text: `insert into floor_log (session_id, version, token, body) values ${rows.join(', ')}`,
    };
    for (const [index, { token, body }] of commits.entries()) {
      const values = sessionIds.flatMap((sessionId) => [sessionId, index + 1, token, body]);
      await this.#pool.query({ ...statement, values });
    }
  }

  /** As sessions have it. A made-up one of many zeros is compressed by Postgres, and unpacked in each look-up. */
  sessionId(): string {
    return this.#ids.next('ses');
  }

  async insert(sessionId: string, version: number, { token, body }: FloorCommit): Promise<void> {
    await this.#pool.query({
      name: 'floor',
      text: 'insert into floor_log (session_id, version, token, body) values ($1, $2, $3, $4)',
      values: [sessionId, version, token, body],
    });
  }
}
