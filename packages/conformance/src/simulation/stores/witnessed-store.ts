import type {
  CallChange,
  CallClaim,
  ClaimDueRequest,
  ClaimOutcome,
  ClaimRequest,
  CommitOutcome,
  DeliverOutcome,
  InboxItem,
  SessionCommit,
  SessionSnapshot,
  SessionStateStore,
} from '@helix-agents/core';
import { ForwardingStore } from './forwarding-store.ts';

/** Told what a store answered, in the order in which it happened there. */
export interface Witness {
  committed(commit: SessionCommit, outcome: CommitOutcome): void;
  claimed(session: SessionSnapshot): void;
  delivered(item: InboxItem, outcome: DeliverOutcome): void;
  settled(claim: CallClaim, changes: readonly CallChange[], written: readonly string[]): void;
  deleted(): void;
}

/** A store whose every change is told to the witness of its session before its caller hears of it. */
export class WitnessedStore extends ForwardingStore {
  readonly #witnessOf: (sessionId: string) => Witness;

  constructor(store: SessionStateStore, witnessOf: (sessionId: string) => Witness) {
    super(store);
    this.#witnessOf = witnessOf;
  }

  override async commit(sessionId: string, commit: SessionCommit): Promise<CommitOutcome> {
    const outcome = await this.store.commit(sessionId, commit);
    this.#witnessOf(sessionId).committed(commit, outcome);
    return outcome;
  }

  override async deleteSession(sessionId: string): Promise<string | null> {
    const streamId = await this.store.deleteSession(sessionId);
    this.#witnessOf(sessionId).deleted();
    return streamId;
  }

  override async deliver(sessionId: string, item: InboxItem): Promise<DeliverOutcome> {
    const outcome = await this.store.deliver(sessionId, item);
    this.#witnessOf(sessionId).delivered(item, outcome);
    return outcome;
  }

  override async settleCalls(sessionId: string, claim: CallClaim, changes: readonly CallChange[]): Promise<string[]> {
    const written = await this.store.settleCalls(sessionId, claim, changes);
    this.#witnessOf(sessionId).settled(claim, changes, written);
    return written;
  }

  override async claim(sessionId: string, request: ClaimRequest): Promise<ClaimOutcome> {
    const outcome = await this.store.claim(sessionId, request);
    if (outcome.claimed) this.#witnessOf(sessionId).claimed(outcome.session);
    return outcome;
  }

  override async claimDue(request: ClaimDueRequest): Promise<SessionSnapshot[]> {
    const sessions = await this.store.claimDue(request);
    for (const session of sessions) this.#witnessOf(session.sessionId).claimed(session);
    return sessions;
  }
}
