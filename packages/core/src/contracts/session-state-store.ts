import type { CallChange } from '../session/call.ts';
import type { CommitOutcome, HeadRow, SessionCommit } from '../session/commit.ts';
import type { InboxItem } from '../session/inbox.ts';
import type { ClaimRequest } from '../session/judge-claim.ts';
import type { MessageRecord } from '../session/message.ts';
import type { RunRecord } from '../session/run.ts';
import type { SessionPage, SessionPageRequest } from '../session/session-page.ts';
import type { SessionSnapshot } from '../session/snapshot.ts';

/**
 * How long a landed commit lasts: not past the process, up to a second may be lost, or for good. Recovery needs `commit`; over
 * `second`, an agent with a tool that may not run twice (`replay: 'never'`) is refused at entry: both with `state_store_unsuitable`.
 */
export type Durability = 'none' | 'second' | 'commit';

/** Reads and writes the records of sessions. The only truth between two requests. */
export interface SessionRecords {
  /** The session as its commits, inbox and settled calls say; null where there is none. */
  load(sessionId: string): Promise<SessionSnapshot | null>;
  /** Where the session stands, cheaper than `load`; null where there is none. */
  head(sessionId: string): Promise<HeadRow | null>;
  /**
   * Writes all or nothing. Resolves with what became of it, also where the reply of the first try was lost: the same token
   * again is answered as landed, with the inbox as it is by then. Rejects only for a commit that can never land, with `input_invalid`:
   * what `checkCommit` refuses, and data that no JSON can hold. Commits of many sessions come at once; a store that sends several
   * together tells each its own outcome, and one that can never land fails alone. The commit is given away: nobody changes it afterwards.
   */
  commit(sessionId: string, commit: SessionCommit): Promise<CommitOutcome>;
  /**
   * Messages with `seq > after`, in order, at most `limit` (default: all), and no further than the commit by which they have more
   * than `maxCharacters` of JSON (default: any number): then there may be more, however few they are.
   */
  messagesAfter(sessionId: string, after: number, limit?: number, maxCharacters?: number): Promise<MessageRecord[]>;
  /** All runs of a session, oldest first. */
  listRuns(sessionId: string): Promise<RunRecord[]>;
  /** A run that is over, however many came after it; null for none. Costs the same in a session of many runs. */
  findEndedRun(sessionId: string, query: RunQuery): Promise<EndedRun | null>;
  /** Sessions by last change, newest first. */
  listSessions(page?: SessionPageRequest): Promise<SessionPage>;
  /**
   * Removes everything of a session but its stream, and cuts its run. Answers which stream that is, for `deleteStream`; null where
   * there was no session. What its owner writes meanwhile is refused or goes with it, and is no part of a session that is made anew
   * under the id, however soon. Who watches the session is told.
   */
  deleteSession(sessionId: string): Promise<string | null>;
}

/** Which run: the one that this user message began, or the one of this id. */
export type RunQuery = { readonly key: string } | { readonly runId: string };

/** A run that is over. */
export interface EndedRun {
  readonly run: RunRecord;
  /** The one that ended next; null where none did yet. */
  readonly next: RunRecord | null;
}

/**
 * What outsiders write. It moves no version; it raises `inbox`, makes a session due that is parked on it (`wakeAtOf`), and tells who
 * watches. A store may make one due that is parked on something else, once: it is parked again.
 */
export interface SessionInbox {
  /**
   * Adds an item. The same answer to the same wait, the same stop of the same run or the same message id again adds nothing, also
   * once it was consumed (`deliveryKey`). A stop of another run than the live one adds nothing either. Rejects with `input_invalid` for
   * what no JSON can hold.
   */
  deliver(sessionId: string, item: InboxItem): Promise<DeliverOutcome>;
}

/** What became of a delivery. `duplicate`: it was there before. `run-over`: the run that was to stop is not the live one. */
export type DeliverOutcome =
  | { readonly delivered: true; readonly inbox: number; readonly head: HeadRow }
  | { readonly delivered: false; readonly reason: 'duplicate' | 'run-over'; readonly head: HeadRow }
  | { readonly delivered: false; readonly reason: 'no-session'; readonly head: null };

/** Moves ledger rows outside of a commit, so that each call can settle from another process. */
export interface CallLedger {
  /**
   * Writes final states of calls that were sent in this epoch. Answers the ids that were written: none where epoch or run is not the
   * current one, or the run is over.
   */
  settleCalls(sessionId: string, claim: CallClaim, changes: readonly CallChange[]): Promise<string[]>;
  /** Moves planned calls to `sent` under the epoch, each with the attempt after its last. Answers the ids that were moved, as above. */
  claimCalls(sessionId: string, claim: CallClaim, callIds: readonly string[]): Promise<string[]>;
}

/** Who moves a call: the owner's epoch, and the run it works for. */
export interface CallClaim {
  readonly runId: string;
  readonly epoch: number;
}

/**
 * Who may write. A process holds one lease for all its sessions and renews one row. The store's clock decides; nobody passes
 * a time.
 */
export interface SessionLeases {
  /** Registers a process. `onLost` is called once when the store knows that the lease has ended before its holder let go. */
  openHolder(holder: HolderRequest): Promise<void>;
  /** Extends the lease by `leaseMs` from now; false where it ended, by time or because somebody took a session from it. */
  renewHolder(holderId: string): Promise<boolean>;
  /** Lets go: its sessions can be claimed at once. */
  closeHolder(holderId: string): Promise<void>;
  /**
   * Makes a holder the owner of a session whose run is queued, due, or left by a dead owner: one that closed, or whose lease ended more
   * than `takeoverGraceMs` ago. One commit that raises the epoch, under the token of the request.
   * `resume` also claims a parked run that is not due.
   */
  claim(sessionId: string, request: ClaimRequest): Promise<ClaimOutcome>;
  /**
   * Claims up to `limit` sessions of a runtime in which something must happen: what a dead owner left, then the longest waiting,
   * whatever is delivered to them meanwhile. A session is answered once. What was claimed by a request that rejected, as its answer was
   * lost, `listHeld` tells.
   */
  claimDue(request: ClaimDueRequest): Promise<SessionSnapshot[]>;
  /** The sessions whose run a holder owns: what it must be driving. */
  listHeld(holderId: string): Promise<HeldSession[]>;
}

/** A session that somebody owns, and the name of its agent. */
export type HeldSession = Pick<SessionSnapshot, 'sessionId' | 'agentType'>;

/** A process that wants a lease: its own id, and how many milliseconds it lasts without renewal. */
export interface HolderRequest {
  readonly holderId: string;
  readonly leaseMs: number;
  readonly onLost?: () => void;
  /**
   * Called where the store cannot say any more whether the lease is still held, as where the connection that proves it was lost. The
   * next renewal tells.
   */
  readonly onDoubt?: () => void;
}

/** Who takes up sessions, of which runtime and agents, and how many at most. */
export interface ClaimDueRequest {
  readonly holderId: string;
  readonly runtime: string;
  readonly agentTypes: readonly string[];
  readonly limit: number;
}

/** The session with its new owner, or why there is none. `owned`: its owner is alive, or may be. `not-due`: nothing is to be done now. */
export type ClaimOutcome =
  | { readonly claimed: true; readonly session: SessionSnapshot }
  | { readonly claimed: false; readonly reason: 'no-session' | 'not-live' | 'owned' | 'not-due' | 'other-runtime' };

/** Says "look again" between processes. It may be lost or repeated: nothing depends on it but speed. */
export interface Signals {
  notify(sessionId: string): void;
  /** Calls back soon after a `notify` of the session, a delivery to it, or its deletion; returns the way to stop. */
  watch(sessionId: string, listener: () => void): () => void;
  /** Calls back soon after anything of the runtime may have become due; returns the way to stop. */
  watchDue(listener: () => void): () => void;
}

/** Everything that a runtime needs of a state store: small roles, one object. */
export interface SessionStateStore extends SessionRecords, SessionInbox, CallLedger, SessionLeases {
  readonly contract: 'helix.session-state-store/2';
  readonly durability: Durability;
  readonly signals: Signals;
}
