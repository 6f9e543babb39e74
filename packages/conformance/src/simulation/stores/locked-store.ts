import type {
  ClaimDueRequest,
  ClaimOutcome,
  ClaimRequest,
  HolderRequest,
  SessionSnapshot,
  SessionStateStore,
} from '@helix-agents/core';
import { ForwardingStore } from './forwarding-store.ts';
import type { Locks } from './locks.ts';

/** A store that takes a lock which stays free for the proof that its holder is dead; without `proves`, the clock alone decides. */
export class LockedStore extends ForwardingStore {
  readonly #locks: Locks;
  readonly #proves: boolean;

  constructor(store: SessionStateStore, locks: Locks, proves: boolean) {
    super(store);
    this.#locks = locks;
    this.#proves = proves;
  }

  override openHolder(holder: HolderRequest): Promise<void> {
    this.#locks.take(holder.holderId, holder.onDoubt);
    return super.openHolder(holder);
  }

  override async renewHolder(holderId: string): Promise<boolean> {
    return this.#locks.regain(holderId) && super.renewHolder(holderId);
  }

  override closeHolder(holderId: string): Promise<void> {
    this.#locks.release(holderId);
    return super.closeHolder(holderId);
  }

  override async claim(sessionId: string, request: ClaimRequest): Promise<ClaimOutcome> {
    await this.#look(request.holderId);
    return super.claim(sessionId, request);
  }

  override async claimDue(request: ClaimDueRequest): Promise<SessionSnapshot[]> {
    await this.#look(request.holderId);
    return super.claimDue(request);
  }

  async #look(by: string): Promise<void> {
    if (this.#proves) for (const holderId of this.#locks.look(by)) await this.closeHolder(holderId);
  }
}
