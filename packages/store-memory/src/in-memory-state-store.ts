import {
  checkCommit,
  headRowOf,
  freezeDeep,
  isBoundary,
  isLive,
  judgeClaim,
  KeyedSignals,
  refuseUnknown,
  resolvePorts,
  streamIdOf,
  takeoverGraceMs,
  wakeAtOf,
  type CallChange,
  type CallClaim,
  type ClaimDueRequest,
  type ClaimOutcome,
  type ClaimRequest,
  type Clock,
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
  type Signals,
} from '@helix-agents/core';
import { Holders } from './holders.ts';
import { sessionPage } from './session-page.ts';
import { StoredSession } from './stored-session.ts';

/** What an {@link InMemoryStateStore} takes; all of it is for tests. */
export interface InMemoryStateStoreOptions {
  /** The store's clock: it alone decides about leases and what is due. Default: the system's. */
  readonly clock?: Pick<Clock, 'now'> | undefined;
  /** How long after the end of a lease others leave its sessions alone. Default 10,000. */
  readonly takeoverGraceMs?: number | undefined;
}

const known: (keyof InMemoryStateStoreOptions)[] = ['clock', 'takeoverGraceMs'];

/** Any key will do: sessions have signals of their own. */
const due = 'due';

/**
 * Keeps sessions in this process's memory. Every method does its work before it first yields, so each is atomic. What goes out is
 * frozen, so nobody changes it from outside.
 */
export class InMemoryStateStore implements SessionStateStore {
  readonly contract = 'helix.session-state-store/2';
  readonly durability = 'none';
  readonly signals: Signals;
  readonly #sessions = new Map<string, StoredSession>();
  /** Sessions whose run is live, each with the moment since when it waits to be taken up, or will. */
  readonly #live = new Map<StoredSession, number>();
  readonly #clock: Pick<Clock, 'now'>;
  readonly #holders: Holders;
  /** So many sessions were claimed unasked. */
  #claims = 0;
  readonly #sessionSignals = new KeyedSignals();
  readonly #dueSignals = new KeyedSignals();

  /** @throws HelixError `input_invalid` for an option that does not exist */
  constructor(options: InMemoryStateStoreOptions = {}) {
    refuseUnknown('InMemoryStateStore: ', options, { known });
    this.#clock = options.clock ?? resolvePorts().clock;
    this.#holders = new Holders(options.takeoverGraceMs ?? takeoverGraceMs);
    this.signals = {
      notify: (sessionId) => this.#sessionSignals.notify(sessionId),
      watch: (sessionId, listener) => this.#sessionSignals.watch(sessionId, listener),
      watchDue: (listener) => this.#dueSignals.watch(due, listener),
    };
  }

  async load(sessionId: string): Promise<SessionSnapshot | null> {
    return this.#sessions.get(sessionId)?.snapshot ?? null;
  }

  async head(sessionId: string): Promise<HeadRow | null> {
    const session = this.#sessions.get(sessionId)?.folded;
    return session ? headRowOf(session) : null;
  }

  async commit(sessionId: string, commit: SessionCommit): Promise<CommitOutcome> {
    checkCommit(sessionId, commit);
    const session = this.#sessions.get(sessionId) ?? new StoredSession();
    const outcome = session.commit(commit);
    if (outcome.landed !== true) return outcome;
    this.#sessions.set(sessionId, session);
    if (isBoundary(commit)) this.#announce(sessionId, session);
    return outcome;
  }

  async messagesAfter(
    sessionId: string,
    after: number,
    limit = Infinity,
    maxCharacters = Infinity,
  ): Promise<MessageRecord[]> {
    return this.#sessions.get(sessionId)?.messagesAfter(after, limit, maxCharacters) ?? [];
  }

  async listRuns(sessionId: string): Promise<RunRecord[]> {
    return this.#sessions.get(sessionId)?.runs ?? [];
  }

  async findEndedRun(sessionId: string, query: RunQuery): Promise<EndedRun | null> {
    const ended = (this.#sessions.get(sessionId)?.runs ?? []).filter(({ phase }) => phase.at === 'ended');
    const index = ended.findIndex(({ key, runId }) => ('key' in query ? key === query.key : runId === query.runId));
    const run = ended[index];
    return run ? { run, next: ended[index + 1] ?? null } : null;
  }

  async listSessions(page?: SessionPageRequest): Promise<SessionPage> {
    return sessionPage(
      [...this.#sessions.values()].flatMap(({ folded }) => folded ?? []),
      page,
    );
  }

  async deleteSession(sessionId: string): Promise<string | null> {
    const session = this.#sessions.get(sessionId);
    if (!session?.folded) return null;
    this.#sessions.delete(sessionId);
    this.#live.delete(session);
    this.signals.notify(sessionId);
    return streamIdOf(session.folded);
  }

  async deliver(sessionId: string, item: InboxItem): Promise<DeliverOutcome> {
    const session = this.#sessions.get(sessionId);
    const reason = session?.deliver(item);
    const now = session?.folded;
    if (!session || !reason || !now) return { delivered: false, reason: 'no-session', head: null };
    const head = headRowOf(now);
    if (reason !== 'delivered') return { delivered: false, reason, head };
    this.#announce(sessionId, session);
    return { delivered: true, inbox: now.inbox, head };
  }

  async settleCalls(sessionId: string, claim: CallClaim, changes: readonly CallChange[]): Promise<string[]> {
    const written = this.#sessions.get(sessionId)?.settleCalls(claim, changes) ?? [];
    if (written.length > 0) this.signals.notify(sessionId);
    return written;
  }

  async claimCalls(sessionId: string, claim: CallClaim, callIds: readonly string[]): Promise<string[]> {
    return this.#sessions.get(sessionId)?.claimCalls(claim, callIds) ?? [];
  }

  async openHolder(holder: HolderRequest): Promise<void> {
    this.#holders.open(holder, this.#clock.now());
  }

  async renewHolder(holderId: string): Promise<boolean> {
    return this.#holders.renew(holderId, this.#clock.now());
  }

  async closeHolder(holderId: string): Promise<void> {
    this.#holders.close(holderId);
    // An idle holder leaves nothing to take up: a signal for it would make idle processes wake one another for ever.
    const leaves = Array.from(this.#live.keys()).some(({ folded }) => isHeldBy(folded, holderId));
    if (leaves) this.#dueSignals.notify(due);
  }

  async claim(sessionId: string, request: ClaimRequest): Promise<ClaimOutcome> {
    const session = this.#sessions.get(sessionId);
    const now = session?.folded;
    if (!session || !now) return { claimed: false, reason: 'no-session' };
    const verdict = judgeClaim(now, request);
    if (verdict === 'ours') return { claimed: true, session: freezeDeep(now) };
    if (verdict !== 'give' && verdict !== 'give-if-due') return { claimed: false, reason: verdict };
    if (verdict === 'give' || this.#isDue(now)) {
      return { claimed: true, session: this.#give(sessionId, session, now, request.holderId, request.token) };
    }
    return { claimed: false, reason: now.run?.phase.at === 'running' ? 'owned' : 'not-due' };
  }

  async claimDue({ holderId, runtime, agentTypes, limit }: ClaimDueRequest): Promise<SessionSnapshot[]> {
    const isForUs = (now: SessionSnapshot) =>
      now.runtime === runtime && agentTypes.includes(now.agentType) && this.#isDue(now) && !isHeldBy(now, holderId);
    const waiting = Array.from(this.#live, ([session, since]) => {
      const now = session.folded;
      const isLeft = now?.run?.phase.at === 'running';
      return now && isForUs(now) ? { session, now, since: isLeft ? 0 : since } : [];
    }).flat();
    const first = waiting.toSorted((one, other) => one.since - other.since).slice(0, limit);
    return first.map(({ session, now }) => this.#give(now.sessionId, session, now, holderId, this.#nextToken()));
  }

  async listHeld(holderId: string): Promise<HeldSession[]> {
    return Array.from(this.#live.keys()).flatMap(({ folded }) =>
      folded && isHeldBy(folded, holderId) ? { sessionId: folded.sessionId, agentType: folded.agentType } : [],
    );
  }

  /** Of a claim that nobody named: also a session that is made anew under an id knows it from those before. */
  #nextToken(): string {
    this.#claims += 1;
    return `claim ${this.#claims}`;
  }

  #give(sessionId: string, session: StoredSession, now: SessionSnapshot, holderId: string, token: string) {
    const former = now.run?.phase;
    const takeover = former?.at === 'running';
    const run = { op: 'claim', holderId, takeover } as const;
    const { version, epoch } = now;
    session.append({ v: 1, token, at: this.#clock.now(), run, version: version + 1, epoch: epoch + 1 });
    if (takeover) this.#holders.lose(former.holderId);
    this.#announce(sessionId, session);
    return session.snapshot!;
  }

  /** Whether somebody may claim the session unasked. */
  #isDue(session: SessionSnapshot): boolean {
    const phase = session.run?.phase;
    const at = phase?.at === 'running' ? this.#holders.freeAt(phase.holderId) : wakeAtOf(session);
    return at !== null && at <= this.#clock.now();
  }

  #announce(sessionId: string, session: StoredSession): void {
    const run = session.folded?.run ?? null;
    const since = this.#waitsSince(session);
    // Anew at the end, so that sessions that are due in the same moment take turns.
    if (!isLive(run) || since !== this.#live.get(session)) this.#live.delete(session);
    if (isLive(run)) this.#live.set(session, since);
    this.signals.notify(sessionId);
    if (isLive(run) && run.phase.at !== 'running') this.#dueSignals.notify(due);
  }

  /** What arrives while it waits already changes nothing of that: it would be overtaken for ever. */
  #waitsSince(session: StoredSession): number {
    const now = this.#clock.now();
    const { folded } = session;
    if (!folded || folded.run?.phase.at === 'running') return Infinity;
    const wakeAt = wakeAtOf(folded) ?? Infinity;
    return wakeAt > 0 ? wakeAt : Math.min(now, this.#live.get(session) ?? now);
  }
}

function isHeldBy(session: SessionSnapshot | null, holderId: string): boolean {
  const phase = session?.run?.phase;
  return phase?.at === 'running' && phase.holderId === holderId;
}
