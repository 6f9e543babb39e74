import type {
  ClaimDueRequest,
  ClaimOutcome,
  ClaimRequest,
  HolderRequest,
  SessionSnapshot,
  SessionStateStore,
} from '@helix-agents/core';
import type { Locks } from './locks.ts';
import { blind, WitnessedStore } from './witnessed-store.ts';

/** A store that takes a lock which stays free for the proof that its holder is dead; without `proves`, the clock alone decides. */
export class LockedStore extends WitnessedStore {
  readonly #store: SessionStateStore;
  readonly #locks: Locks;
  readonly #proves: boolean;

  constructor(store: SessionStateStore, locks: Locks, proves: boolean) {
    super(store, () => blind);
    this.#store = store;
    this.#locks = locks;
    this.#proves = proves;
  }

  override openHolder(holder: HolderRequest): Promise<void> {
    this.#locks.take(holder.holderId, holder.onDoubt);
    return this.#store.openHolder(holder);
  }

  override async renewHolder(holderId: string): Promise<boolean> {
    return this.#locks.regain(holderId) && this.#store.renewHolder(holderId);
  }

  override closeHolder(holderId: string): Promise<void> {
    this.#locks.release(holderId);
    return this.#store.closeHolder(holderId);
  }

  override async claim(sessionId: string, request: ClaimRequest): Promise<ClaimOutcome> {
    await this.#look(request.holderId);
    return this.#store.claim(sessionId, request);
  }

  override async claimDue(request: ClaimDueRequest): Promise<SessionSnapshot[]> {
    await this.#look(request.holderId);
    return this.#store.claimDue(request);
  }

  async #look(by: string): Promise<void> {
    if (this.#proves) for (const holderId of this.#locks.look(by)) await this.closeHolder(holderId);
  }
}
