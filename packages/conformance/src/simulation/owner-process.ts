import {
  advance,
  callModel,
  createChunkWriter,
  failRun,
  isLeaseLost,
  isResting,
  nextDecision,
  Owner,
  settle,
  type Agent,
  type ChunkSink,
  type Decision,
  type LLMAdapter,
  type RuntimePorts,
  type SessionSnapshot,
  HolderLease,
} from '@helix-agents/core';
import { openWaits } from './open-waits.ts';
import type { Plan } from './plan.ts';
import { ProcessClock, type WrongClock } from './process-clock.ts';
import type { RemoteStore } from './remote-store.ts';
import type { RemoteStreams } from './remote-streams.ts';
import type { Actor, Scheduler } from './scheduler.ts';

/** How long the lease of a process outlives its last session. */
const lingerMs = 1_000;

export const runtimeName = 'simulation';

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
  /** Nothing is streamed: the stream could not be opened. */
  silent(): void;
}

/** One process that owns sessions: the thinnest runtime there is, with the entries of all others. */
export class OwnerProcess implements Actor {
  readonly name: string;
  readonly clock: ProcessClock;
  readonly ports: RuntimePorts;
  readonly store: RemoteStore;
  state: Actor['state'] = 'running';
  readonly #around: Surroundings;
  readonly #streams: RemoteStreams;
  readonly #driven = new Map<string, Promise<void>>();
  #lease: Promise<HolderLease> | undefined;
  #entering = 0;
  #cancelLinger: (() => void) | undefined;
  #ring = () => {};
  #closed = false;

  constructor(name: string, wrongClock: WrongClock, around: Surroundings) {
    this.name = name;
    this.#around = around;
    this.clock = new ProcessClock(around.scheduler, this, wrongClock);
    this.ports = around.ports(this);
    this.store = around.storeOf(this);
    this.#streams = around.streamsOf(this);
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
    this.#cancelLinger?.();
    const lease = await this.#lease?.catch(() => undefined);
    this.#lease = undefined;
    await lease?.close();
  }

  async underLease<T>(work: (lease: HolderLease) => Promise<T>): Promise<T> {
    this.#cancelLinger?.();
    this.#entering += 1;
    try {
      return await work(await this.#held());
    } finally {
      this.#entering -= 1;
      this.#linger();
    }
  }

  isDriving(sessionId: string): boolean {
    return this.#driven.has(sessionId);
  }

  /** Drives a session that this process owns, until it rests. */
  start(session: SessionSnapshot, lease: HolderLease): void {
    const { sessionId } = session;
    const done = this.#drive(session, lease).finally(() => {
      if (this.#driven.get(sessionId) === done) this.#driven.delete(sessionId);
      this.#linger();
    });
    this.#driven.set(sessionId, done);
  }

  /** Makes an owner that acts with this process's agent. */
  owner(session: SessionSnapshot, lease: HolderLease, chunks: ChunkSink): Owner {
    const owner: Owner = new Owner(session, {
      ...this.#around.parts(this, () => owner),
      store: this.store,
      ports: this.ports,
      chunks,
      lease,
    });
    return owner;
  }

  async #takeUp(): Promise<void> {
    if (this.#closed) return;
    await this.underLease(async (lease) => {
      const { holderId } = lease;
      const request = { holderId, runtime: runtimeName, agentTypes: ['tester'], limit: 4 };
      for (const session of await this.store.claimDue(request)) this.start(session, lease);
    });
  }

  /** Whoever asks while a lease is being opened, or found safe, waits for the same one: a second would never be closed. */
  #held(): Promise<HolderLease> {
    const held = this.#usable(this.#lease);
    this.#lease = held;
    return held;
  }

  async #usable(lease: Promise<HolderLease> | undefined): Promise<HolderLease> {
    const current = await lease?.catch(() => undefined);
    await current?.untilSafe().catch(() => {});
    return current?.mayStartEffect() ? current : HolderLease.open(this.store, this.ports);
  }

  async #drive(session: SessionSnapshot, lease: HolderLease): Promise<void> {
    const { sessionId } = session;
    const chunks = await this.#openSink(session);
    const owner = this.owner(session, lease, chunks);
    const lose = () => owner.lose();
    lease.lost.addEventListener('abort', lose);
    if (lease.lost.aborted) owner.lose();
    const unwatch = this.store.signals.watch(sessionId, () => void owner.look());
    void owner.look();
    try {
      owner.withdraw();
      await this.#run(owner);
    } catch (error) {
      await this.#giveUp(owner, error, lease);
    } finally {
      unwatch();
      lease.lost.removeEventListener('abort', lose);
      await chunks.close();
    }
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

  async #giveUp(owner: Owner, error: unknown, lease: HolderLease): Promise<void> {
    if (isLeaseLost(error)) return;
    this.#around.fails(this, error);
    try {
      await failRun(owner, error);
    } catch (second) {
      if (!isLeaseLost(second)) await lease.close().catch(() => {});
    }
  }

  async #openSink({ sessionId, agentType, epoch, run, streamSequence }: SessionSnapshot) {
    const runId = run?.runId ?? '';
    try {
      const writer = await this.#streams.openWriter(sessionId, { runId, epoch, attempt: 1 });
      const origin = { agentId: sessionId, agentType, runId };
      return createChunkWriter({ writer, origin, clock: this.clock, logger: this.ports.logger });
    } catch {
      this.#around.silent();
      return silentSink(streamSequence);
    }
  }

  #linger(): void {
    this.#cancelLinger?.();
    if (this.#entering > 0 || this.#driven.size > 0) return;
    this.#cancelLinger = this.clock.after(lingerMs, () => {
      const lease = this.#lease;
      this.#lease = undefined;
      lease?.then((held) => held.close()).catch(() => {});
    });
  }
}

/** Writes nothing. */
export function silentSink(sequence: number) {
  return { sequence, flushed: true, write: () => {}, flush: async () => {}, close: async () => {} };
}
