import type {
  CallChange,
  CallClaim,
  CommitOutcome,
  DeliverOutcome,
  HolderRequest,
  InboxItem,
  SessionCommit,
  SessionStateStore,
} from '@helix-agents/core';
import type { Actor } from '../scheduler.ts';
import { ForwardingStore } from './forwarding-store.ts';
import type { Locks } from './locks.ts';
import type { Network } from './network.ts';

const again = { mayRepeat: true };

/**
 * The state store as one process sees it: far away, over a network that loses, repeats and reorders. A claim is not repeated: a store
 * tries one again only over what it read before, so that its answer stays the last word.
 */
export class RemoteStore extends ForwardingStore {
  readonly #network: Network;
  readonly #actor: Actor;
  readonly #locks: Locks;
  #holderIds: readonly string[] = [];

  constructor(store: SessionStateStore, network: Network, actor: Actor, locks: Locks) {
    const signals = {
      notify: (sessionId: string) => store.signals.notify(sessionId),
      watch: (sessionId: string, listener: () => void) =>
        store.signals.watch(sessionId, () => network.signal(actor, 'signal', listener)),
      watchDue: (listener: () => void) => store.signals.watchDue(() => network.signal(actor, 'due', listener)),
    };
    super(store, { durability: 'commit', signals });
    this.#locks = locks;
    this.#network = network;
    this.#actor = actor;
  }

  override commit(sessionId: string, commit: SessionCommit): Promise<CommitOutcome> {
    const write = () => this.store.commit(sessionId, commit);
    const lost = (): CommitOutcome => ({ landed: 'unknown', cause: 'lost' });
    return this.#network.request(this.#actor, 'commit', write, { ...again, lost });
  }

  override deliver(sessionId: string, item: InboxItem): Promise<DeliverOutcome> {
    const deliver = () => this.store.deliver(sessionId, item);
    return this.#network.request(this.#actor, `deliver ${item.kind}`, deliver, again);
  }

  override settleCalls(sessionId: string, claim: CallClaim, changes: readonly CallChange[]): Promise<string[]> {
    const settle = () => this.store.settleCalls(sessionId, claim, changes);
    return this.#network.request(this.#actor, 'settleCalls', settle, again);
  }

  override openHolder(holder: HolderRequest): Promise<void> {
    const { onLost } = holder;
    const told = onLost && { onLost: () => this.#network.signal(this.#actor, 'lease lost', onLost) };
    this.#holderIds = [...this.#holderIds, holder.holderId];
    return super.openHolder({ ...holder, ...told });
  }

  /** The connection that proves the leases ends. */
  disconnect(): void {
    for (const holderId of this.#holderIds) this.#locks.lose(holderId);
  }

  protected override through<T>(operation: string, perform: () => Promise<T>): Promise<T> {
    return this.#network.request(this.#actor, operation, perform);
  }
}
