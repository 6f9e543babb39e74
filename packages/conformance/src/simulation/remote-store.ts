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
import type { Locks } from './locks.ts';
import type { Network } from './network.ts';
import type { Actor } from './scheduler.ts';

const again = { mayRepeat: true };

/** The state store as one process sees it: far away, over a network that loses, repeats and reorders. */
export class RemoteStore implements SessionStateStore {
  readonly contract = 'helix.session-state-store/1';
  readonly durability = 'commit';
  readonly signals: Signals;
  readonly #store: SessionStateStore;
  readonly #network: Network;
  readonly #actor: Actor;
  /** What was claimed by requests that were not answered. */
  #unheard: readonly SessionSnapshot[] = [];

  readonly #locks: Locks;
  #holderIds: readonly string[] = [];

  constructor(store: SessionStateStore, network: Network, actor: Actor, locks: Locks) {
    this.#locks = locks;
    this.#store = store;
    this.#network = network;
    this.#actor = actor;
    this.signals = {
      notify: (sessionId) => store.signals.notify(sessionId),
      watch: (sessionId, listener) => store.signals.watch(sessionId, () => network.signal(actor, 'signal', listener)),
      watchDue: (listener) => store.signals.watchDue(() => network.signal(actor, 'due', listener)),
    };
  }

  load(sessionId: string): Promise<SessionSnapshot | null> {
    return this.#ask('load', () => this.#store.load(sessionId));
  }

  head(sessionId: string): Promise<HeadRow | null> {
    return this.#ask('head', () => this.#store.head(sessionId));
  }

  commit(sessionId: string, commit: SessionCommit): Promise<CommitOutcome> {
    const lost = (): CommitOutcome => ({ landed: 'unknown', cause: 'lost' });
    return this.#network.request(this.#actor, 'commit', () => this.#store.commit(sessionId, commit), {
      lost,
      mayRepeat: true,
    });
  }

  commitMany(entries: readonly CommitEntry[]): Promise<PromiseSettledResult<CommitOutcome>[]> {
    return this.#ask('commitMany', () => this.#store.commitMany(entries));
  }

  messagesAfter(...asked: Parameters<SessionStateStore['messagesAfter']>): Promise<MessageRecord[]> {
    return this.#ask('messagesAfter', () => this.#store.messagesAfter(...asked));
  }

  findEndedRun(sessionId: string, query: RunQuery): Promise<EndedRun | null> {
    return this.#ask('findEndedRun', () => this.#store.findEndedRun(sessionId, query));
  }

  listRuns(sessionId: string): Promise<RunRecord[]> {
    return this.#ask('listRuns', () => this.#store.listRuns(sessionId));
  }

  listSessions(page?: SessionPageRequest): Promise<SessionPage> {
    return this.#ask('listSessions', () => this.#store.listSessions(page));
  }

  deleteSession(sessionId: string): Promise<void> {
    return this.#ask('deleteSession', () => this.#store.deleteSession(sessionId));
  }

  deliver(sessionId: string, item: InboxItem): Promise<DeliverOutcome> {
    return this.#network.request(
      this.#actor,
      `deliver ${item.kind}`,
      () => this.#store.deliver(sessionId, item),
      again,
    );
  }

  settleCalls(sessionId: string, claim: CallClaim, changes: readonly CallChange[]): Promise<string[]> {
    const settle = () => this.#store.settleCalls(sessionId, claim, changes);
    return this.#network.request(this.#actor, 'settleCalls', settle, again);
  }

  claimCalls(sessionId: string, claim: CallClaim, callIds: readonly string[]): Promise<string[]> {
    return this.#ask('claimCalls', () => this.#store.claimCalls(sessionId, claim, callIds));
  }

  openHolder(holder: HolderRequest): Promise<void> {
    const { onLost } = holder;
    const told = onLost && { onLost: () => this.#network.signal(this.#actor, 'lease lost', onLost) };
    this.#holderIds = [...this.#holderIds, holder.holderId];
    return this.#ask('openHolder', () => this.#store.openHolder({ ...holder, ...told }));
  }

  /** The connection that proves the leases ends. */
  disconnect(): void {
    for (const holderId of this.#holderIds) this.#locks.lose(holderId);
  }

  renewHolder(holderId: string): Promise<boolean> {
    return this.#ask('renewHolder', () => this.#store.renewHolder(holderId));
  }

  closeHolder(holderId: string): Promise<void> {
    return this.#ask('closeHolder', () => this.#store.closeHolder(holderId));
  }

  /** Not repeated: a store tries a claim again only over what it read before, so that its answer stays the last word. */
  claim(sessionId: string, request: ClaimRequest): Promise<ClaimOutcome> {
    return this.#ask('claim', () => this.#store.claim(sessionId, request));
  }

  /** As every store must: what was claimed by a request whose answer was lost is in the next one. */
  async claimDue(request: ClaimDueRequest): Promise<SessionSnapshot[]> {
    const claimed = await this.#ask('claimDue', async () => {
      this.#unheard = [...this.#unheard, ...(await this.#store.claimDue(request))];
      return this.#held(request.holderId);
    });
    this.#unheard = this.#unheard.filter((session) => !claimed.includes(session));
    return claimed;
  }

  async #held(holderId: string): Promise<SessionSnapshot[]> {
    const now = await Promise.all(this.#unheard.map(({ sessionId }) => this.#store.load(sessionId)));
    return this.#unheard.filter(({ lastToken }, index) => {
      const phase = now[index]?.run?.phase;
      return phase?.at === 'running' && phase.holderId === holderId && now[index]?.lastToken === lastToken;
    });
  }

  #ask<T>(label: string, perform: () => Promise<T>): Promise<T> {
    return this.#network.request(this.#actor, label, perform);
  }
}
