import {
  checkCommit,
  fold,
  isBoundary,
  isLive,
  refusalOf,
  supersededRun,
  wakeAtOf,
  type CommitOutcome,
  type CommitRecord,
  type Fence,
  type RunRecord,
  type SessionCommit,
  type SessionSnapshot,
} from '@helix-agents/core';
import { Coalescer } from '../batching/coalescer.ts';
import type { Database } from '../database/database.ts';
import { repeatUntilKnown } from '../database/repeat-until-known.ts';
import type { ResolvedOptions } from '../store-options.ts';
import { AppendLane, type Append } from './append-lane.ts';
import { encodeCommit, recordOf, type EncodedCommit } from './commit-codec.ts';
import type { SessionReader } from './session-reader.ts';
import { boundaryCommits } from './sql/boundary-commit.ts';
import { createSession } from './sql/create-session.ts';
import { grown, type WarmSnapshot, type WarmSnapshots } from './warm-snapshots.ts';

const snapshotEveryRows = 64;
const snapshotEveryCharacters = 64 * 1024;

type OwnerFence = Extract<Fence, { as: 'owner' }>;

type Landed = Extract<CommitOutcome, { landed: true }>;

/**
 * Writes commits: an ordinary one is appended, together with those of other sessions that wait; one at a boundary also writes
 * the head. Both learn what became of them, also when the answer was lost.
 */
export class CommitWriter {
  readonly #options: ResolvedOptions;
  readonly #database: Database;
  readonly #reader: SessionReader;
  readonly #warm: WarmSnapshots;
  readonly #onLanded: (sessionId: string, commit: SessionCommit) => void;
  readonly #appends: Coalescer<Append, number | null>;
  readonly #sql;

  constructor(
    options: ResolvedOptions,
    reader: SessionReader,
    warm: WarmSnapshots,
    onLanded: (sessionId: string, commit: SessionCommit) => void,
  ) {
    this.#options = options;
    this.#onLanded = onLanded;
    this.#database = options.database;
    this.#reader = reader;
    this.#warm = warm;
    this.#appends = new Coalescer(new AppendLane(options));
    this.#sql = { boundary: boundaryCommits(options.tables), create: createSession(options.tables) };
  }

  async commit(sessionId: string, commit: SessionCommit): Promise<CommitOutcome> {
    checkCommit(sessionId, commit);
    const encoded = encodeCommit(commit);
    const outcome = await repeatUntilKnown<CommitOutcome>(this.#options, {
      attempt: () => this.#write(sessionId, commit, encoded),
      explain: () => this.#explain(sessionId, commit),
      unknown: (cause) => ({ landed: 'unknown', cause }),
    });
    if (outcome.landed === true) this.#onLanded(sessionId, commit);
    else this.#warm.drop(sessionId);
    return outcome;
  }

  #write(sessionId: string, commit: SessionCommit, encoded: EncodedCommit): Promise<Landed | null> {
    const { fence } = commit;
    if (fence.as === 'entry' && fence.version === 0) return this.#create(sessionId, commit, encoded);
    if (fence.as === 'entry' || fence.inbox !== undefined || isBoundary(commit)) {
      return this.#writeAtBoundary(sessionId, commit, encoded);
    }
    return this.#append(sessionId, commit, fence, encoded);
  }

  async #append(
    sessionId: string,
    commit: SessionCommit,
    fence: OwnerFence,
    encoded: EncodedCommit,
  ): Promise<Landed | null> {
    const { version, epoch, lastToken } = fence;
    const { token } = commit;
    if (isOnItself(lastToken, token)) return null;
    const record = recordOf(commit, epoch);
    this.#keepOnly(sessionId, fence);
    const due = this.#snapshotToStore(sessionId, record, sizeOf(encoded));
    const stored = due instanceof Promise ? await due : due;
    const append = { sessionId, version, epoch, lastToken, token, ...encoded, ...stored };
    const inbox = await this.#appends.submit(append);
    if (inbox === null) return null;
    this.#warm.advance(sessionId, record, sizeOf(encoded), stored.snapshot?.length);
    return { landed: true, version: record.version, epoch, inbox };
  }

  /** What is known here may be of a session that was deleted, and made anew under the same id: nothing is folded onto that. */
  #keepOnly(sessionId: string, fence: OwnerFence): void {
    const warm = this.#warm.at(sessionId, fence.version);
    if (warm && !standsOn(warm.snapshot, fence)) this.#warm.drop(sessionId);
  }

  /** Without a warm snapshot nobody knows the length of the tail, so only every 64th version looks. */
  #snapshotToStore(
    sessionId: string,
    record: CommitRecord,
    characters: number,
  ): StoredSnapshot | Promise<StoredSnapshot> {
    const warm = this.#warm.at(sessionId, record.version - 1);
    if (warm) return isDue(warm, characters) ? storedSnapshot(fold(warm.snapshot, record)) : noSnapshot;
    return record.version % snapshotEveryRows === 0 ? this.#readToStore(sessionId, record) : noSnapshot;
  }

  async #readToStore(sessionId: string, record: CommitRecord): Promise<StoredSnapshot> {
    const before = await this.#reader.at(sessionId, record.version - 1);
    return before ? storedSnapshot(fold(before.snapshot, record)) : noSnapshot;
  }

  async #create(sessionId: string, commit: SessionCommit, encoded: EncodedCommit): Promise<Landed | null> {
    if (refusalOf(null, null, commit.fence)) return null;
    const record = recordOf(commit, 1);
    const after = fold(null, record);
    const { body, messages, added } = encoded;
    const values = [this.#options.scope, sessionId, commit.token, added, body, messages, ...headColumns(after)];
    const who = [after.runtime, after.agentType, after.identity.userId ?? null];
    const [row] = await this.#database.attempt<{ inbox: number }>(this.#sql.create, [...values, ...who]);
    if (!row) return null;
    this.#warm.put(sessionId, { snapshot: after, tailRows: 0, tailCharacters: 0, baseCharacters: sizeOf(encoded) });
    return { landed: true, version: 1, epoch: 1, inbox: row.inbox };
  }

  async #writeAtBoundary(sessionId: string, commit: SessionCommit, encoded: EncodedCommit): Promise<Landed | null> {
    const { fence, head } = commit;
    const seen = Math.max(fence.inbox ?? 0, ...(head?.consumes ?? []));
    const before = await this.#reader.at(sessionId, fence.version, seen);
    if (!before || (fence.as === 'owner' && !standsOn(before.snapshot, fence))) return null;
    if (fence.as === 'entry' && fence.expectRunId !== (before.snapshot.run?.runId ?? null)) return null;
    const epoch = before.snapshot.epoch + (fence.as === 'entry' ? 1 : 0);
    return this.#land(sessionId, before, recordOf(commit, epoch), encoded, fence.inbox ?? null);
  }

  /** Gives a session its next owner. Resolves with null where the session moved on since it was read. */
  async claim(sessionId: string, before: WarmSnapshot, commit: SessionCommit): Promise<Landed | null> {
    return this.#land(sessionId, before, recordOf(commit, before.snapshot.epoch + 1), encodeCommit(commit), null);
  }

  async #land(
    sessionId: string,
    before: WarmSnapshot,
    record: CommitRecord,
    encoded: EncodedCommit,
    inbox: number | null,
  ): Promise<Landed | null> {
    if (isOnItself(before.snapshot.lastToken, record.token)) return null;
    const after = fold(before.snapshot, record);
    const stored = isDue(before, sizeOf(encoded)) ? storedSnapshot(after) : noSnapshot;
    const { epoch, token } = record;
    const { version, run, lastToken } = before.snapshot;
    const ended = endedRun(before.snapshot, after, record);
    const place = [this.#options.scope, sessionId, version, before.snapshot.epoch, epoch, token];
    const bodies = [encoded.added, encoded.body, encoded.messages, stored.snapshot, stored.snapshotInbox];
    const head = [inbox, run?.runId ?? null, ...headColumns(after), lastToken];
    const values = [...place, ...bodies, ...head, ...(ended ? [JSON.stringify(ended)] : [])];
    const statement = this.#sql.boundary({ ends: ended !== null, begins: record.run?.op === 'start' });
    const [row] = await this.#database.attempt<{ inbox: number }>(statement, values);
    if (!row) return null;
    // Who begins the next turn reads the session anyway, and most have none: a process that ran many keeps none of them.
    if (!isLive(after.run)) this.#warm.drop(sessionId);
    else this.#warm.put(sessionId, grown(before, after, sizeOf(encoded), stored.snapshot?.length));
    return { landed: true, version: record.version, epoch, inbox: row.inbox };
  }

  /** Why nothing landed, read afresh: the statement that lost cannot know. Undefined: nothing stands in the way, ask again. */
  async #explain(sessionId: string, { fence, token }: SessionCommit): Promise<CommitOutcome | undefined> {
    // What is known here may be of a session that was deleted, and made anew under the same id.
    this.#warm.drop(sessionId);
    const now = await this.#reader.headAndToken(sessionId, fence.version + 1, token);
    if (now?.landed) return { landed: true, ...now.landed, inbox: now.head.inbox };
    const head = now?.head ?? null;
    const reason = refusalOf(head, now?.tokenBefore ?? null, fence);
    return reason ? { landed: false, reason, head } : undefined;
  }
}

/** A repeat whose writer has read what it wrote: it landed. */
function isOnItself(lastToken: string, token: string): boolean {
  return lastToken === token;
}

function standsOn({ epoch, lastToken }: SessionSnapshot, fence: OwnerFence): boolean {
  return fence.epoch === epoch && fence.lastToken === lastToken;
}

/** Run, phase, holder, wake-at and updated-at, in the order of the statements. */
function headColumns(after: SessionSnapshot): (string | number | null)[] {
  const { run, updatedAt } = after;
  const phase = run?.phase;
  // A running session is its owner's business: it is found through the lease.
  const holderId = phase?.at === 'running' ? phase.holderId : null;
  const wakeAt = holderId === null ? wakeAtOf(after) : null;
  return [run?.runId ?? null, phase?.at ?? null, holderId, wakeAt, updatedAt];
}

/** The record of the run that ends with a commit: its own, or the one that an entry supersedes. */
function endedRun(before: SessionSnapshot, after: SessionSnapshot, record: CommitRecord): RunRecord | null {
  if (record.run?.op === 'end') return after.run;
  return record.run?.op === 'start' && isLive(before.run) ? supersededRun(before, record) : null;
}

type StoredSnapshot = Pick<Append, 'snapshot' | 'snapshotInbox'>;

const noSnapshot: StoredSnapshot = { snapshot: null, snapshotInbox: null };

function storedSnapshot(snapshot: SessionSnapshot): StoredSnapshot {
  return { snapshot: JSON.stringify(snapshot), snapshotInbox: snapshot.inbox };
}

/** A large state is stored again only after as much was written beside it: the cost of a step stays what it is. */
function isDue({ tailRows, tailCharacters, baseCharacters }: WarmSnapshot, characters: number): boolean {
  return (
    tailRows + 1 >= snapshotEveryRows || tailCharacters + characters > Math.max(snapshotEveryCharacters, baseCharacters)
  );
}

function sizeOf({ body, messages }: EncodedCommit): number {
  return body.length + (messages?.length ?? 0);
}
