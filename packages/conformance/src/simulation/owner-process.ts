import {
  advance,
  callModel,
  createChunkWriter,
  HelixError,
  isLeaseLost,
  isResting,
  nextDecision,
  Owner,
  SessionHost,
  settle,
  silentSink,
  takeUpDue,
  type Agent,
  type ChunkSink,
  type Decision,
  type Drive,
  type DriveStart,
  type HolderLease,
  type LLMAdapter,
  type RuntimePorts,
  type SessionSnapshot,
} from '@helix-agents/core';
import { openWaits } from './open-waits.ts';
import type { Plan } from './plan.ts';
import { ProcessClock, type WrongClock } from './process-clock.ts';
import type { RemoteStore } from './remote-store.ts';
import type { RemoteStreams } from './remote-streams.ts';
import type { Actor, Scheduler } from './scheduler.ts';

/** What a process finds around it. */
export interface Surroundings {
  readonly scheduler: Scheduler;
  ports(process: OwnerProcess): RuntimePorts;
  storeOf(process: OwnerProcess): RemoteStore;
  streamsOf(process: OwnerProcess): RemoteStreams;
  /** The agent and the model, as one owner has them. */
  parts(process: OwnerProcess, owner: () => Owner): { readonly agent: Agent; readonly llm: LLMAdapter };
  readonly plan: Plan;
  decides(process: OwnerProcess, decision: Decision): void;
  /** A run cannot go on for a reason that no decision foresees. */
  fails(process: OwnerProcess, error: unknown): void;
  /** The stores cannot be reached from a process for some time. */
  cutOff(process: OwnerProcess, ms: number): void;
  /** What was streamed is not all there: nothing is, or the last of it may come too late. */
  tears(stream: 'short' | 'out of reach'): void;
}

/** Sessions taken up in one go. */
const batch = 4;

/** One process that owns sessions: the thinnest runtime there is, with the entries of all others. */
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
  #ring = () => {};
  #closed = false;

  constructor(name: string, wrongClock: WrongClock, around: Surroundings) {
    this.name = name;
    this.#around = around;
    this.clock = new ProcessClock(around.scheduler, this, wrongClock);
    this.ports = around.ports(this);
    this.store = around.storeOf(this);
    this.#streams = around.streamsOf(this);
    const { agent, llm } = around.parts(this, noOwner);
    this.agent = agent;
    const parts = { store: this.store, ports: this.ports, llm };
    this.host = new SessionHost('simulation', parts, (_, ...drive) => this.#drive(...drive));
  }

  /** Takes up what is due, for as long as the process lives. */
  async pump(): Promise<void> {
    const unwatch = this.store.signals.watchDue(() => this.#ring());
    while (!this.#closed) {
      const rung = new Promise<void>((resolve) => (this.#ring = resolve));
      await this.#takeUp().catch(() => {});
      const pause = new AbortController();
      void rung.then(() => pause.abort(new Error('rung')));
      await this.clock.sleep(this.#around.plan.pollMs, pause.signal).catch(() => {});
    }
    unwatch();
  }

  /** Lets go of everything; sessions in flight are left to others. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#ring();
    await this.host.close();
  }

  async #takeUp(): Promise<void> {
    if (!this.#closed) await takeUpDue(this.host, new Map([[this.agent.name, this.agent]]), batch);
  }

  async #drive(session: SessionSnapshot, lease: HolderLease, { entered }: DriveStart): Promise<Drive> {
    const { sessionId } = session;
    const chunks = await this.#openSink(session);
    const owner = this.#owner(session, lease, chunks);
    owner.transcript.append(session.messageCount - entered.length, entered);
    const lose = () => owner.lose();
    lease.lost.addEventListener('abort', lose);
    if (lease.lost.aborted) owner.lose();
    const unwatch = this.store.signals.watch(sessionId, () => void owner.look());
    void owner.look();
    try {
      owner.withdraw();
      await this.#run(owner);
    } catch (error) {
      // Whoever cannot go on for another reason broke a rule: what would come of it says little.
      if (!isLeaseLost(error)) this.#around.fails(this, error);
    } finally {
      unwatch();
      lease.lost.removeEventListener('abort', lose);
      // Whoever owns the session next may be sooner than the rest of the chunks.
      if (!chunks.flushed) this.#around.tears('short');
      await chunks.close();
    }
    return { left: owner.session };
  }

  /** Makes an owner that acts with an agent of its own. */
  #owner(session: SessionSnapshot, lease: HolderLease, chunks: ChunkSink): Owner {
    const owner: Owner = new Owner(session, {
      ...this.#around.parts(this, () => owner),
      store: this.store,
      ports: this.ports,
      chunks,
      lease,
    });
    return owner;
  }

  async #run(owner: Owner): Promise<void> {
    let next = nextDecision(owner);
    while (!isResting(owner.session)) {
      this.#around.decides(this, next);
      next = await this.#advance(owner, next);
    }
  }

  /** As `advance`, but for the waits that a reply opens: no tool of this release opens one. */
  async #advance(owner: Owner, decision: Decision): Promise<Decision> {
    if (decision.kind !== 'call-model') return advance(owner, decision);
    return settle(owner, openWaits(owner, await callModel(owner, decision), this.#around.plan.waitMs));
  }

  async #openSink({ sessionId, agentType, epoch, run, streamSequence }: SessionSnapshot) {
    const runId = run?.runId ?? '';
    try {
      const writer = await this.#streams.openWriter(sessionId, { runId, epoch, attempt: 1 });
      const origin = { agentId: sessionId, agentType, runId };
      return createChunkWriter({ writer, origin, clock: this.clock, logger: this.ports.logger });
    } catch {
      this.#around.tears('out of reach');
      return silentSink(streamSequence);
    }
  }
}

function noOwner(): never {
  throw new HelixError('framework_internal', 'an entry has no effects');
}
