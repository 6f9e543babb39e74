import {
  advance,
  callModel,
  driveSession,
  isLeaseLost,
  recover,
  settle,
  type Agent,
  type Decision,
  type Drive,
  type DriveStart,
  type HolderLease,
  type LLMAdapter,
  type Owner,
  type RuntimePorts,
  type SessionHost,
  type SessionSnapshot,
} from '@helix-agents/core';
import type { Hold } from '../judges/effect-rules.ts';
import { openWaits } from '../judges/open-waits.ts';
import type { Plan } from '../plan.ts';
import type { Actor, Scheduler } from '../scheduler.ts';
import type { RemoteStore } from '../stores/remote-store.ts';
import type { RemoteStreams } from '../stores/remote-streams.ts';
import { ProcessClock, type WrongClock } from './process-clock.ts';

/** The host of a process: the product's, or one that a test broke. */
export type HostClass = new (...of: ConstructorParameters<typeof SessionHost>) => SessionHost;

/** A close that takes so long leaves to themselves those who still wait for a store, and cuts tools. */
const closePatienceMs = 5_000;

/** What a process finds around it. */
export interface Surroundings {
  readonly scheduler: Scheduler;
  ports(process: OwnerProcess): RuntimePorts;
  storeOf(process: OwnerProcess): RemoteStore;
  streamsOf(process: OwnerProcess): RemoteStreams;
  /** The agent and the model, as whoever holds a session has them; without a hold, as entries do. */
  parts(process: OwnerProcess, hold?: Hold): { readonly agent: Agent; readonly llm: LLMAdapter };
  readonly plan: Plan;
  readonly Host: HostClass;
  decides(process: OwnerProcess, sessionId: string, decision: Decision): void;
  /** A run cannot go on for a reason that no decision foresees. */
  fails(process: OwnerProcess, error: unknown): void;
  /** The stores cannot be reached from a process for some time. */
  cutOff(process: OwnerProcess, ms: number): void;
  /** The owner of a session closed, and had the time that tools have to end. */
  letGo(session: SessionSnapshot): void;
  /** What was streamed is not all there: nothing is, or the last of it may come too late. */
  tears(session: SessionSnapshot, stream: 'short' | 'out of reach'): void;
}

/** One process that owns sessions: the product's own host, drive and recovery, in a world that is not its own. */
export class OwnerProcess implements Actor {
  readonly name: string;
  readonly clock: ProcessClock;
  readonly ports: RuntimePorts;
  readonly store: RemoteStore;
  /** The agent as entries have it: what acts for a session has one of its own. */
  readonly agent: Agent;
  readonly host: SessionHost;
  state: Actor['state'] = 'running';
  readonly #around: Surroundings;
  readonly #streams: RemoteStreams;
  readonly #ending = new AbortController();
  readonly #drives = new Map<Promise<Drive>, Hold & { readonly lease: HolderLease }>();

  constructor(name: string, wrongClock: WrongClock, around: Surroundings) {
    this.name = name;
    this.#around = around;
    this.clock = new ProcessClock(around.scheduler, this, wrongClock);
    this.ports = around.ports(this);
    this.store = around.storeOf(this);
    this.#streams = around.streamsOf(this);
    const { agent, llm } = around.parts(this);
    this.agent = agent;
    const parts = { store: this.store, ports: this.ports, llm };
    this.host = new around.Host('simulation', parts, (_, ...drive) => this.#drive(...drive));
  }

  /** Whether nothing of it goes on by itself any more: it recovers nothing, or was told to end. */
  get mustFallSilent(): boolean {
    return !this.#around.plan.recovers || this.#ending.signal.aborted;
  }

  /** Takes up what is due, until it is told to end. */
  async recover(): Promise<void> {
    const { pollMs } = this.#around.plan;
    await recover(this.host, { agents: { [this.agent.name]: this.agent }, abortSignal: this.#ending.signal, pollMs });
  }

  /** Ends as a process does that is told to; sessions in flight are left to others. */
  async end(): Promise<void> {
    this.#ending.abort();
    await this.close();
  }

  /**
   * Lets go of everything: nothing that was driven here is still driven once that is done, and no tool was cut, unless it was waited for
   * long enough.
   */
  async close(): Promise<void> {
    const before = Array.from(this.#drives);
    // What another close cuts, or the end of the lease by itself, also meanwhile, is not this one's.
    const goingOn = before.filter(([, { lease }]) => !lease.isEnding);
    const { scheduler } = this.#around;
    const patientUntil = scheduler.now + closePatienceMs;
    await this.host.close();
    if (scheduler.now >= patientUntil) return;
    if (before.some(([drive]) => this.#drives.has(drive)))
      this.#around.fails(this, new Error('a session is driven on after the process was closed'));
    for (const [, { session, lease }] of goingOn)
      if (lease.lost.reason === lease.ending.reason) this.#around.letGo(session);
  }

  #drive(session: SessionSnapshot, lease: HolderLease, start: DriveStart): Promise<Drive> {
    const { store, ports } = this;
    const { agent, llm } = this.#around.parts(this, { session, lease });
    const parts = { store, ports, llm, streams: this.#streams, perform: this.#perform };
    const drive = driveSession(parts, agent, session, lease, start).finally(() => this.#drives.delete(drive));
    this.#drives.set(drive, { session, lease });
    return drive;
  }

  readonly #perform = async (owner: Owner, decision: Decision): Promise<Decision> => {
    const { sessionId } = owner.session;
    this.#around.decides(this, sessionId, decision);
    try {
      return await this.#advance(owner, decision);
    } catch (error) {
      // Whoever cannot go on for another reason broke a rule: what would come of it says little.
      if (!isLeaseLost(error)) this.#around.fails(this, error);
      throw error;
    } finally {
      // A stream that was waited for in vain: whoever owns the session next may be sooner than the rest of the chunks, and what was
      // not taken back before a commit may never be.
      if (!owner.parts.chunks.flushed)
        this.#around.tears(owner.session, owner.stream.isWithdrawing ? 'out of reach' : 'short');
    }
  };

  /** As `advance`, but for the waits that a reply opens: no tool of this release opens one. */
  async #advance(owner: Owner, decision: Decision): Promise<Decision> {
    if (decision.kind !== 'call-model') return advance(owner, decision);
    return settle(owner, openWaits(owner, await callModel(owner, decision), this.#around.plan.waitMs));
  }
}
