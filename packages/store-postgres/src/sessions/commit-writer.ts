import {
  checkCommit,
  fold,
  isBoundary,
  isLive,
  refusalOf,
  supersededRun,
  type CommitOutcome,
  type CommitRecord,
  type Fence,
  type RunRecord,
  type SessionCommit,
  type SessionSnapshot,
} from '@helix-agents/core';
import { Coalescer } from '../batching/coalescer.ts';
import { WriteLane } from '../batching/write-lane.ts';
import { repeatUntilKnown } from '../database/repeat-until-known.ts';
import type { ResolvedOptions } from '../store-options.ts';
import { appendsTo, type Append } from './append.ts';
import { BoundaryWriter } from './boundary-writer.ts';
import { charactersOf, encodeCommit, recordOf, type EncodedCommit } from './commit-codec.ts';
import { creationsIn, type Creation } from './creation.ts';
import { headColumns } from './head-columns.ts';
import type { SessionReader } from './session-reader.ts';
import type { SessionRemover } from './session-remover.ts';
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
  readonly #reader: SessionReader;
  readonly #remover: SessionRemover;
  readonly #warm: WarmSnapshots;
  readonly #onLanded: (sessionId: string, commit: SessionCommit) => void;
  readonly #creations: Coalescer<Creation, number | null>;
  readonly #appends: Coalescer<Append, number | null>;
  readonly #boundaries: BoundaryWriter;

  constructor(
    options: ResolvedOptions,
    reader: SessionReader,
    remover: SessionRemover,
    warm: WarmSnapshots,
    onLanded: (sessionId: string, commit: SessionCommit) => void,
  ) {
    this.#options = options;
    this.#onLanded = onLanded;
    this.#reader = reader;
    this.#remover = remover;
    this.#warm = warm;
    this.#creations = new Coalescer(new WriteLane(options, creationsIn(options.tables)));
    this.#appends = new Coalescer(new WriteLane(options, appendsTo(options.tables)));
    this.#boundaries = new BoundaryWriter(options);
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
    const due = this.#snapshotToStore(sessionId, record, charactersOf(encoded));
    const stored = due instanceof Promise ? await due : due;
    const landing = this.#appends.submit({ sessionId, version, epoch, lastToken, token, ...encoded, ...stored });
    // Folded while the commit is on its way.
    const after = this.#warm.after(sessionId, record, charactersOf(encoded), stored.snapshot?.length);
    const inbox = await landing;
    if (inbox === null) return null;
    // Not where it was dropped meanwhile: the session may be gone.
    this.#warm.put(sessionId, this.#warm.at(sessionId, version) && after);
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
    const { token } = record;
    const after = fold(null, record);
    const { runtime, agentType, identity } = after;
    const who = { runtime, agentType, userId: identity.userId ?? null };
    const inbox = await this.#creations.submit({ sessionId, token, ...encoded, head: headColumns(after), ...who });
    if (inbox === null) return null;
    this.#warm.put(sessionId, {
      snapshot: after,
      tailRows: 0,
      tailCharacters: 0,
      baseCharacters: charactersOf(encoded),
    });
    return { landed: true, version: 1, epoch: 1, inbox };
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
    seenInbox: number | null,
  ): Promise<Landed | null> {
    if (isOnItself(before.snapshot.lastToken, record.token)) return null;
    const after = fold(before.snapshot, record);
    const stored = isDue(before, charactersOf(encoded)) ? storedSnapshot(after) : noSnapshot;
    const { epoch, token } = record;
    const { version, epoch: epochBefore, run, lastToken } = before.snapshot;
    const ended = endedRun(before.snapshot, after, record);
    const inbox = await this.#boundaries.submit({
      sessionId,
      before: { version, epoch: epochBefore, runId: run?.runId ?? null, lastToken },
      epoch,
      token,
      ...encoded,
      ...stored,
      seenInbox,
      head: headColumns(after),
      endedRun: ended && JSON.stringify(ended),
      begins: record.run?.op === 'start',
    });
    if (inbox === null) return null;
    // Who begins the next turn reads the session anyway, and most have none: a process that ran many keeps none of them.
    if (!isLive(after.run)) this.#warm.drop(sessionId);
    else this.#warm.put(sessionId, grown(before, after, charactersOf(encoded), stored.snapshot?.length));
    return { landed: true, version: record.version, epoch, inbox };
  }

  /** Why nothing landed, read afresh: the statement that lost cannot know. Undefined: nothing stands in the way, ask again. */
  async #explain(sessionId: string, { fence, token }: SessionCommit): Promise<CommitOutcome | undefined> {
    // What is known here may be of a session that was deleted, and made anew under the same id.
    this.#warm.drop(sessionId);
    const now = await this.#reader.headAndToken(sessionId, fence.version + 1, token);
    if (now?.landed) return { landed: true, ...now.landed, inbox: now.head.inbox };
    const head = now?.head ?? null;
    const reason = refusalOf(head, now?.tokenBefore ?? null, fence);
    if (reason) return { landed: false, reason, head };
    // Then what stands in the way of a first commit is what is left of the session before it.
    if (!now) await this.#remover.finish(sessionId);
    return undefined;
  }
}

/** A repeat whose writer has read what it wrote: it landed. */
function isOnItself(lastToken: string, token: string): boolean {
  return lastToken === token;
}

function standsOn({ epoch, lastToken }: SessionSnapshot, fence: OwnerFence): boolean {
  return fence.epoch === epoch && fence.lastToken === lastToken;
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
