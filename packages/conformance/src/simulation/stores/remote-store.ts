import type {
  CallChange,
  CallClaim,
  ClaimDueRequest,
  CommitOutcome,
  DeliverOutcome,
  HolderRequest,
  InboxItem,
  SessionCommit,
  SessionSnapshot,
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
  /** What was claimed by requests that were not answered. */
  #unheard: readonly SessionSnapshot[] = [];
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

  /** As every store must: what was claimed by a request whose answer was lost is in the next one. */
  override async claimDue(request: ClaimDueRequest): Promise<SessionSnapshot[]> {
    const claimed = await this.through('claimDue', async () => {
      this.#unheard = [...this.#unheard, ...(await this.store.claimDue(request))];
      return this.#held(request.holderId);
    });
    this.#unheard = this.#unheard.filter((session) => !claimed.includes(session));
    return claimed;
  }

  async #held(holderId: string): Promise<SessionSnapshot[]> {
    const now = await Promise.all(this.#unheard.map(({ sessionId }) => this.store.load(sessionId)));
    return this.#unheard.filter(({ lastToken }, index) => {
      const phase = now[index]?.run?.phase;
      return phase?.at === 'running' && phase.holderId === holderId && now[index]?.lastToken === lastToken;
    });
  }

  protected override through<T>(operation: string, perform: () => Promise<T>): Promise<T> {
    return this.#network.request(this.#actor, operation, perform);
  }
}
