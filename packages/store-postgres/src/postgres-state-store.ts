import {
  isBoundary,
  type CallChange,
  type CallClaim,
  type ClaimDueRequest,
  type ClaimOutcome,
  type ClaimRequest,
  type CommitOutcome,
  type DeliverOutcome,
  type EndedRun,
  type HeadRow,
  type HeldSession,
  type HolderRequest,
  type InboxItem,
  type MessageRecord,
  type RunQuery,
  type RunRecord,
  type SessionCommit,
  type SessionPage,
  type SessionPageRequest,
  type SessionSnapshot,
  type SessionStateStore,
} from '@helix-agents/core';
import { Claims } from './leases/claims.ts';
import { Holders } from './leases/holders.ts';
import { CallLedger } from './sessions/call-ledger.ts';
import { CommitWriter } from './sessions/commit-writer.ts';
import { InboxWriter } from './sessions/inbox-writer.ts';
import { LastChanges } from './sessions/last-changes.ts';
import { SessionReader } from './sessions/session-reader.ts';
import { SessionRemover } from './sessions/session-remover.ts';
import { WarmSnapshots } from './sessions/warm-snapshots.ts';
import { notifierOf } from './signals/notifier.ts';
import { SessionSignals } from './signals/session-signals.ts';
import { resolveOptions, type PostgresOptions } from './store-options.ts';

/**
 * Keeps sessions in Postgres: one append a commit, and the head only where the owner changes or waits. Several processes may share
 * the tables, and one database connection pool serves all sessions of a process.
 *
 * Run `PostgresMigrations` first; without the tables every method rejects with `state_schema_mismatch`, and with
 * `state_store_denied` where there is no such database, user or password, or the role lacks a right.
 */
export class PostgresStateStore implements SessionStateStore {
  readonly contract = 'helix.session-state-store/2';
  readonly durability = 'commit';
  readonly signals: SessionSignals;
  readonly #warm = new WarmSnapshots();
  readonly #reader: SessionReader;
  readonly #writer: CommitWriter;
  readonly #inbox: InboxWriter;
  readonly #calls: CallLedger;
  readonly #remover: SessionRemover;
  readonly #changes: LastChanges;
  readonly #holders: Holders;
  readonly #claims: Claims;

  /** @throws HelixError `input_invalid`, naming the option */
  constructor(given: PostgresOptions) {
    const options = resolveOptions(given);
    this.signals = new SessionSignals(notifierOf(options), options.scope);
    this.#reader = new SessionReader(options, this.#warm);
    this.#remover = new SessionRemover(options);
    this.#writer = new CommitWriter(options, this.#reader, this.#remover, this.#warm, (sessionId, commit) => {
      if (isBoundary(commit)) this.#announce(sessionId, commit);
      else this.#changes.note(sessionId, commit.at);
    });
    this.#inbox = new InboxWriter(options, this.#reader);
    this.#calls = new CallLedger(options, this.#reader);
    this.#changes = new LastChanges(options);
    this.#holders = new Holders(options);
    this.#claims = new Claims(options, this.#reader, this.#writer);
  }

  load(sessionId: string): Promise<SessionSnapshot | null> {
    return this.#reader.load(sessionId);
  }

  head(sessionId: string): Promise<HeadRow | null> {
    return this.#reader.head(sessionId);
  }

  commit(sessionId: string, commit: SessionCommit): Promise<CommitOutcome> {
    return this.#writer.commit(sessionId, commit);
  }

  messagesAfter(sessionId: string, after: number, limit?: number, maxCharacters?: number): Promise<MessageRecord[]> {
    return this.#reader.messagesAfter(sessionId, after, limit, maxCharacters);
  }

  findEndedRun(sessionId: string, query: RunQuery): Promise<EndedRun | null> {
    return this.#reader.findEndedRun(sessionId, query);
  }

  listRuns(sessionId: string): Promise<RunRecord[]> {
    return this.#reader.listRuns(sessionId);
  }

  /** By the last change that is known: those of the last five seconds in other processes may be missing. */
  async listSessions(page?: SessionPageRequest): Promise<SessionPage> {
    await this.#changes.flush();
    return this.#reader.listSessions(page);
  }

  async deleteSession(sessionId: string): Promise<string | null> {
    const streamId = await this.#remover.remove(sessionId);
    this.#warm.drop(sessionId);
    if (streamId !== null) this.signals.notify(sessionId);
    return streamId;
  }

  async deliver(sessionId: string, item: InboxItem): Promise<DeliverOutcome> {
    const outcome = await this.#inbox.deliver(sessionId, item);
    if (!outcome.delivered) return outcome;
    this.signals.notify(sessionId);
    if (outcome.head.phase === 'parked') this.signals.notifyDue();
    return outcome;
  }

  async settleCalls(sessionId: string, claim: CallClaim, changes: readonly CallChange[]): Promise<string[]> {
    const settled = await this.#calls.settleCalls(sessionId, claim, changes);
    if (settled.length > 0) this.signals.notify(sessionId);
    return settled;
  }

  claimCalls(sessionId: string, claim: CallClaim, callIds: readonly string[]): Promise<string[]> {
    return this.#calls.claimCalls(sessionId, claim, callIds);
  }

  openHolder(holder: HolderRequest): Promise<void> {
    return this.#holders.open(holder);
  }

  renewHolder(holderId: string): Promise<boolean> {
    return this.#holders.renew(holderId);
  }

  async closeHolder(holderId: string): Promise<void> {
    // An idle holder leaves nothing to take up: a signal for it would make idle processes wake one another for ever.
    if (await this.#holders.close(holderId)) this.signals.notifyDue();
  }

  async claim(sessionId: string, request: ClaimRequest): Promise<ClaimOutcome> {
    const outcome = await this.#claims.claim(sessionId, request);
    if (outcome.claimed) this.signals.notify(sessionId);
    return outcome;
  }

  async claimDue(request: ClaimDueRequest): Promise<SessionSnapshot[]> {
    const claimed = await this.#claims.claimDue(request);
    for (const { sessionId } of claimed) this.signals.notify(sessionId);
    return claimed;
  }

  listHeld(holderId: string): Promise<HeldSession[]> {
    return this.#claims.listHeld(holderId);
  }

  /**
   * Lets go of this process's leases and of the connection that listens. The pool stays the caller's.
   *
   * @throws HelixError `state_store_unavailable` where the database did not hear of it: others take the leases once they run out
   */
  async close(): Promise<void> {
    this.signals.close();
    await this.#changes.flush();
    await this.#holders.closeAll();
  }

  #announce(sessionId: string, { fence, run }: SessionCommit): void {
    // Whoever parks or ends a run stops watching in this turn of the event loop: told at once, it would read its own echo. And nobody
    // can watch a session that was not there: of its beginning only its own owner would hear.
    if (fence.as === 'owner') setImmediate(() => this.signals.notify(sessionId));
    else if (fence.version > 0) this.signals.notify(sessionId);
    const due = run?.op === 'park' || (run?.op === 'start' && !run.claim);
    if (due) this.signals.notifyDue();
  }
}
