import type {
  CallChange,
  CallClaim,
  ClaimDueRequest,
  ClaimOutcome,
  ClaimRequest,
  CommitEntry,
  CommitOutcome,
  DeliverOutcome,
  EndedRun,
  HeadRow,
  HolderRequest,
  InboxItem,
  MessageRecord,
  RunQuery,
  RunRecord,
  SessionCommit,
  SessionPage,
  SessionPageRequest,
  SessionSnapshot,
  SessionStateStore,
  Signals,
} from '@helix-agents/core';

/** Told what a store answered, in the order in which it happened there. */
export interface Witness {
  committed(commit: SessionCommit, outcome: CommitOutcome): void;
  claimed(session: SessionSnapshot): void;
  delivered(item: InboxItem, outcome: DeliverOutcome): void;
  settled(claim: CallClaim, changes: readonly CallChange[], written: readonly string[]): void;
  deleted(): void;
}

/** Sees nothing. */
export const blind: Witness = {
  committed: () => {},
  claimed: () => {},
  delivered: () => {},
  settled: () => {},
  deleted: () => {},
};

/** A store whose every change is told to the witness of its session before its caller hears of it. */
export class WitnessedStore implements SessionStateStore {
  readonly contract = 'helix.session-state-store/1';
  readonly durability;
  readonly signals: Signals;
  readonly #store: SessionStateStore;
  readonly #witnessOf: (sessionId: string) => Witness;

  constructor(store: SessionStateStore, witnessOf: (sessionId: string) => Witness) {
    this.#store = store;
    this.#witnessOf = witnessOf;
    this.signals = store.signals;
    this.durability = store.durability;
  }

  load(sessionId: string): Promise<SessionSnapshot | null> {
    return this.#store.load(sessionId);
  }

  head(sessionId: string): Promise<HeadRow | null> {
    return this.#store.head(sessionId);
  }

  async commit(sessionId: string, commit: SessionCommit): Promise<CommitOutcome> {
    const outcome = await this.#store.commit(sessionId, commit);
    this.#witnessOf(sessionId).committed(commit, outcome);
    return outcome;
  }

  commitMany(entries: readonly CommitEntry[]): Promise<PromiseSettledResult<CommitOutcome>[]> {
    return Promise.allSettled(entries.map(({ sessionId, commit }) => this.commit(sessionId, commit)));
  }

  messagesAfter(...asked: Parameters<SessionStateStore['messagesAfter']>): Promise<MessageRecord[]> {
    return this.#store.messagesAfter(...asked);
  }

  findEndedRun(sessionId: string, query: RunQuery): Promise<EndedRun | null> {
    return this.#store.findEndedRun(sessionId, query);
  }

  listRuns(sessionId: string): Promise<RunRecord[]> {
    return this.#store.listRuns(sessionId);
  }

  listSessions(page?: SessionPageRequest): Promise<SessionPage> {
    return this.#store.listSessions(page);
  }

  async deleteSession(sessionId: string): Promise<void> {
    await this.#store.deleteSession(sessionId);
    this.#witnessOf(sessionId).deleted();
  }

  async deliver(sessionId: string, item: InboxItem): Promise<DeliverOutcome> {
    const outcome = await this.#store.deliver(sessionId, item);
    this.#witnessOf(sessionId).delivered(item, outcome);
    return outcome;
  }

  async settleCalls(sessionId: string, claim: CallClaim, changes: readonly CallChange[]): Promise<string[]> {
    const written = await this.#store.settleCalls(sessionId, claim, changes);
    this.#witnessOf(sessionId).settled(claim, changes, written);
    return written;
  }

  claimCalls(sessionId: string, claim: CallClaim, callIds: readonly string[]): Promise<string[]> {
    return this.#store.claimCalls(sessionId, claim, callIds);
  }

  openHolder(holder: HolderRequest): Promise<void> {
    return this.#store.openHolder(holder);
  }

  renewHolder(holderId: string): Promise<boolean> {
    return this.#store.renewHolder(holderId);
  }

  closeHolder(holderId: string): Promise<void> {
    return this.#store.closeHolder(holderId);
  }

  async claim(sessionId: string, request: ClaimRequest): Promise<ClaimOutcome> {
    const outcome = await this.#store.claim(sessionId, request);
    if (outcome.claimed) this.#witnessOf(sessionId).claimed(outcome.session);
    return outcome;
  }

  async claimDue(request: ClaimDueRequest): Promise<SessionSnapshot[]> {
    const sessions = await this.#store.claimDue(request);
    for (const session of sessions) this.#witnessOf(session.sessionId).claimed(session);
    return sessions;
  }
}
