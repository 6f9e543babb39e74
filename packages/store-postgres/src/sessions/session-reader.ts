import {
  fold,
  foldCalls,
  foldInbox,
  pageOf,
  readPageRequest,
  upcast,
  type HeadRow,
  type InboxEntry,
  type MessageRecord,
  type NewMessage,
  type EndedRun,
  type RunQuery,
  type RunRecord,
  type SessionPage,
  type SessionPageRequest,
  type SessionSnapshot,
  type SessionSummary,
  type StoredCallChange,
} from '@helix-agents/core';
import { SharedReads } from '../batching/shared-reads.ts';
import type { Database } from '../database/database.ts';
import { placeAfter } from '../database/place-after.ts';
import type { ResolvedOptions } from '../store-options.ts';
import { decodeCommit } from './commit-codec.ts';
import { findEndedRun } from './sql/find-ended-run.ts';
import { listRuns } from './sql/list-runs.ts';
import { listSessions } from './sql/list-sessions.ts';
import { loadSession, type LoadRow } from './sql/load-session.ts';
import { messagesAfter } from './sql/messages-after.ts';
import { readHead } from './sql/read-head.ts';
import type { WarmSnapshot, WarmSnapshots } from './warm-snapshots.ts';

export interface HeadAndToken {
  readonly head: HeadRow;
  /** Where the token landed, in the version that was asked about or the one before; null where it did not. */
  readonly landed: { readonly version: number; readonly epoch: number } | null;
  /** Of the version before the one that was asked about; null where there is none. */
  readonly tokenBefore: string | null;
}

export interface SessionAndCalls {
  readonly session: SessionSnapshot;
  /** Calls that moved outside of a commit, of steps that are closed by now. */
  readonly closed: readonly string[];
}

/** Reads sessions. What it loads, it leaves with the warm snapshots. */
export class SessionReader {
  readonly #database: Database;
  readonly #scope: string;
  readonly #warm: WarmSnapshots;
  readonly #loads = new SharedReads<SessionSnapshot | null>();
  readonly #heads = new SharedReads<HeadRow | null>();
  readonly #runs = new SharedReads<readonly RunRecord[]>();
  readonly #sql;

  constructor({ database, tables, scope }: ResolvedOptions, warm: WarmSnapshots) {
    this.#database = database;
    this.#scope = scope;
    this.#warm = warm;
    this.#sql = {
      load: loadSession(tables),
      head: readHead(tables),
      messages: messagesAfter(tables),
      runs: listRuns(tables),
      runOfKey: findEndedRun(tables, 'key'),
      runOfId: findEndedRun(tables, 'id'),
      sessions: listSessions(tables),
    };
  }

  /** @throws HelixError `state_record_unreadable` for records of a later release */
  load(sessionId: string): Promise<SessionSnapshot | null> {
    return this.#loads.read(sessionId, async () => (await this.loadWithCalls(sessionId))?.session ?? null);
  }

  async loadWithCalls(sessionId: string): Promise<SessionAndCalls | null> {
    const rows = await this.#database.repeatable<LoadRow>(this.#sql.load, [this.#scope, sessionId]);
    const warm = foldRows(rows);
    if (!warm) {
      this.#warm.drop(sessionId);
      return null;
    }
    this.#warm.put(sessionId, warm);
    return { session: withCalls(warm.snapshot, rows), closed: closedCalls(warm.snapshot, rows) };
  }

  /** The session as its commits and inbox say at exactly this version; undefined where it is at another. */
  async at(sessionId: string, version: number, inbox?: number): Promise<WarmSnapshot | undefined> {
    const known = this.#warm.at(sessionId, version, inbox);
    if (known) return known;
    await this.load(sessionId);
    return this.#warm.at(sessionId, version);
  }

  head(sessionId: string): Promise<HeadRow | null> {
    return this.#heads.read(sessionId, async () => (await this.headAndToken(sessionId, 0, ''))?.head ?? null);
  }

  async headAndToken(sessionId: string, version: number, token: string): Promise<HeadAndToken | null> {
    const values = [this.#scope, sessionId, version, token];
    const [row] = await this.#database.repeatable<HeadAndTokenRow>(this.#sql.head, values);
    if (!row) return null;
    const { landedVersion, landedEpoch, tokenBefore, ...head } = row;
    const landed = landedVersion === null ? null : { version: landedVersion, epoch: landedEpoch };
    return { head, landed, tokenBefore };
  }

  async messagesAfter(
    sessionId: string,
    after: number,
    limit = Infinity,
    maxCharacters = Infinity,
  ): Promise<MessageRecord[]> {
    const from = placeAfter(after);
    const [most, large] = [limit, maxCharacters].map((bound) => (Number.isFinite(bound) ? bound : null));
    const values = [this.#scope, sessionId, from, most, large];
    const rows = await this.#database.repeatable<{ upTo: number; messages: string }>(this.#sql.messages, values);
    return rows
      .flatMap(messagesOf)
      .filter(({ seq }) => seq > from)
      .slice(0, most ?? undefined);
  }

  async findEndedRun(sessionId: string, query: RunQuery): Promise<EndedRun | null> {
    const [statement, value] = 'key' in query ? [this.#sql.runOfKey, query.key] : [this.#sql.runOfId, query.runId];
    const values = [this.#scope, sessionId, value];
    const [row] = await this.#database.repeatable<{ run: string; next: string | null }>(statement, values);
    return row ? { run: decodeRun(row.run), next: row.next === null ? null : decodeRun(row.next) } : null;
  }

  async listRuns(sessionId: string): Promise<RunRecord[]> {
    return [...(await this.#runs.read(sessionId, () => this.#listRuns(sessionId)))];
  }

  async #listRuns(sessionId: string): Promise<readonly RunRecord[]> {
    const [ended, session] = await Promise.all([
      this.#database.repeatable<{ run: string }>(this.#sql.runs, [this.#scope, sessionId]),
      this.load(sessionId),
    ]);
    const runs = ended.map(({ run }) => decodeRun(run));
    // Two reads, two moments: the run may have ended between them.
    const current = session?.run;
    return !current || runs.some(({ runId }) => runId === current.runId) ? runs : [...runs, current];
  }

  async listSessions(request: SessionPageRequest = {}): Promise<SessionPage> {
    const { agentType = null, userId = null } = request;
    const { limit, from } = readPageRequest(request);
    const values = [this.#scope, agentType, userId, from?.updatedAt ?? null, from?.sessionId ?? null];
    return pageOf(await this.#database.repeatable<SessionSummary>(this.#sql.sessions, [...values, limit + 1]), limit);
  }
}

type HeadAndTokenRow = HeadRow & { readonly tokenBefore: string | null } & (
    | { landedVersion: number; landedEpoch: number }
    | { landedVersion: null; landedEpoch: null }
  );

/** The inbox goes before the commits that consume from it; only the very first commit goes before the inbox. */
function foldRows(rows: readonly LoadRow[]): WarmSnapshot | null {
  const [base, ...tail] = rows.filter((row) => row.part === 'log');
  // What began before its session was removed may land behind that, and is there for a moment: a log without a beginning is no session.
  if (!base || (base.three === null && base.n > 1)) return null;
  const stored = base.three === null ? null : upcast('snapshot', JSON.parse(base.three));
  const first = stored ?? fold(null, decodeLogRow(base));
  const snapshot = tail.reduce((before, row) => fold(before, decodeLogRow(row)), foldInbox(first, inboxOf(rows)));
  const tailCharacters = tail.reduce((sum, { one, two }) => sum + one.length + (two?.length ?? 0), 0);
  return { snapshot, tailRows: tail.length, tailCharacters, baseCharacters: base.three?.length ?? 0 };
}

function decodeLogRow({ n, epoch, id, one, two }: Extract<LoadRow, { part: 'log' }>) {
  return decodeCommit({ version: n, epoch, token: id, body: one, messages: two });
}

function inboxOf(rows: readonly LoadRow[]): InboxEntry[] {
  return rows.flatMap((row) =>
    row.part === 'inbox' ? [upcast('inbox', { ...(JSON.parse(row.one) as object), seq: row.n })] : [],
  );
}

/** First what was sent, then what it came to: a ledger row moves one way. */
function withCalls(snapshot: SessionSnapshot, rows: readonly LoadRow[]): SessionSnapshot {
  const calls = rows.filter((row) => row.part === 'call');
  const parse = (changes: readonly (string | null)[]) =>
    changes.flatMap((change) => (change === null ? [] : [decodeCall(change)]));
  return foldCalls(foldCalls(snapshot, parse(calls.map(({ one }) => one))), parse(calls.map(({ two }) => two)));
}

function closedCalls({ step }: SessionSnapshot, rows: readonly LoadRow[]): string[] {
  const open = new Set(step?.at === 'calls' ? step.calls.map(({ callId }) => callId) : []);
  return rows.flatMap((row) => (row.part === 'call' && !open.has(row.id) ? [row.id] : []));
}

/** Rows that were written before they had a version are of the first. */
function decodeCall(change: string): StoredCallChange {
  return upcast('call', { v: 1, ...(JSON.parse(change) as object) });
}

function decodeRun(run: string): RunRecord {
  return upcast('run', JSON.parse(run));
}

function messagesOf({ upTo, messages }: { upTo: number; messages: string }): MessageRecord[] {
  const stored = JSON.parse(messages) as NewMessage[];
  const before = upTo - stored.length;
  return stored.map((message, index) => upcast('message', { ...message, seq: before + index + 1 }));
}
