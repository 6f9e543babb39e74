/**
 * One seeded world: one session or two, two processes that may own them, a store, streams, outsiders, and everything that can go
 * wrong between them.
 *
 * 1. The seed decides everything: no real time, no real chance, no event that the scheduler did not release.
 * 2. A step releases one event. Whoever calls it lets all microtasks run before the next.
 * 3. First there is trouble, then the faults cease: from then on everything must come to its end.
 */
import { resolvePorts, SessionHost, type RuntimePorts, type SessionStateStore } from '@helix-agents/core';
import { Chance } from '@helix-agents/core/testing';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import { Coverage } from './coverage.ts';
import type { Hold } from './effect-rules.ts';
import { asks, type FaultKind } from './faults.ts';
import { makeAgent, type AgentParts } from './make-agent.ts';
import { calm, Network } from './network.ts';
import type { HostClass, OwnerProcess, Surroundings } from './owner-process.ts';
import { makePlan, type Plan } from './plan.ts';
import { outside, Processes } from './processes.ts';
import { RemoteStore } from './remote-store.ts';
import { RemoteStreams } from './remote-streams.ts';
import { Scheduler } from './scheduler.ts';
import { ScriptedModel } from './scripted-model.ts';
import { Story } from './story.ts';
import { Judge, type Violation } from './violation.ts';
import { WitnessedStore } from './witnessed-store.ts';

/** What a test breaks on purpose, to see that it is found. */
export interface Sabotage {
  readonly store?: (store: SessionStateStore) => SessionStateStore;
  readonly host?: HostClass;
  readonly leaseMarginMs?: number;
  readonly takeoverGraceMs?: number;
}

export interface WorldOptions {
  readonly sabotage?: Sabotage;
  /** Told of each event, in words. */
  readonly trace?: (line: string) => void;
}

/** As the margin, the grace of a stop is longer than what a body asks for is on its way. */
const limits = { backoffMs: 100, maxBackoffMs: 2_000, stopGraceMs: 5_000 };
/** Without faults something changes in this time, or the world is at its end; and so many events are enough for that. */
const patience = { ms: 600_000, events: 6_000 };
/** How often somebody who waits for a session has it looked after, where no process recovers. */
const lookEveryMs = 1_000;

export class World implements Surroundings {
  readonly seed: number;
  readonly plan: Plan;
  readonly scheduler: Scheduler;
  readonly coverage = new Coverage();
  readonly judge = new Judge();
  readonly streams = new InMemoryStreamManager();
  readonly store: WitnessedStore;
  readonly stories: readonly Story[];
  readonly #chance: Chance;
  readonly #network: Network;
  readonly #processes: Processes;
  readonly #sabotage: Sabotage;
  readonly #trace: ((line: string) => void) | undefined;
  #phase: 'trouble' | 'peace' | 'judged' = 'trouble';
  /** Events so far. */
  events = 0;
  #peaceAt = 0;
  #storeJumpedMs = 0;
  #ids = 0;

  constructor(seed: number, { sabotage = {}, trace }: WorldOptions = {}) {
    this.seed = seed;
    this.#sabotage = sabotage;
    this.#trace = trace;
    this.#chance = new Chance(seed);
    this.plan = makePlan(this.#chance);
    this.scheduler = new Scheduler(this.#chance);
    this.#network = new Network(this.#chance, this.scheduler, (fault, actor) => this.#met(fault, actor.name));
    this.#network.weather = this.plan.weather;
    this.store = this.#makeStore();
    this.stories = Array.from({ length: this.plan.sessions }, (_, index) => this.#begin(`session-${index + 1}`));
    this.say(() => `plan ${JSON.stringify(this.plan)}`);
    this.#processes = new Processes(this.#chance, this);
    for (const { callers } of this.stories) callers.execute(this.#processes.pick());
  }

  get violation(): Violation | null {
    return this.judge.violation;
  }

  /** Releases one event. Answers false once the world is judged. */
  step(): boolean {
    if (this.violation || this.#phase === 'judged') return false;
    this.events += 1;
    if (this.#phase === 'trouble' && this.events > this.plan.events) this.#makePeace();
    if (this.#phase === 'trouble') this.#trouble();
    else if (this.#rests()) return this.#conclude();
    if (this.#phase === 'peace') this.#mustMove();
    this.#release();
    return !this.violation;
  }

  ports(process: OwnerProcess): RuntimePorts {
    const { leaseMarginMs } = this.#sabotage;
    return {
      ...resolvePorts({
        clock: process.clock,
        random: this.#chance,
        limits: { ...limits, ...(leaseMarginMs !== undefined && { leaseMarginMs }) },
      }),
      ids: { next: (prefix) => `${prefix}_${(this.#ids += 1)}` },
    };
  }

  get Host(): HostClass {
    return this.#sabotage.host ?? SessionHost;
  }

  storeOf(process: OwnerProcess): RemoteStore {
    return new RemoteStore(this.store, this.#network, process);
  }

  streamsOf(process: OwnerProcess): RemoteStreams {
    return new RemoteStreams(this.streams, this.#network, process, (streamId) => this.tears(streamId, 'out of reach'));
  }

  parts(process: OwnerProcess, hold?: Hold) {
    const { plan, scheduler } = this;
    const { effects } = hold ? this.#story(hold.session.sessionId) : this.#anyStory();
    const doze = () => this.#act('pause', process);
    const parts: AgentParts = { plan, scheduler, effects, performer: { process, hold }, chance: this.#chance, doze };
    return { agent: makeAgent(parts), llm: new ScriptedModel(parts) };
  }

  decides(process: OwnerProcess, sessionId: string, decision: object): void {
    this.say(() => `  ${process.name} decides for ${sessionId}: ${JSON.stringify(decision)}`);
  }

  readonly fails = (process: OwnerProcess | null, error: unknown): void => {
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.judge.expect('P4', false, `${process?.name ?? 'the judge'} cannot go on: ${told}`);
  };

  cutOff(process: OwnerProcess, ms: number): void {
    this.#network.cutOff(process, ms);
  }

  tears(sessionId: string, stream: 'short' | 'out of reach'): void {
    this.#story(sessionId).tears(stream);
  }

  #makeStore(): WitnessedStore {
    const { sabotage, plan } = { sabotage: this.#sabotage, plan: this.plan };
    const takeoverGraceMs = sabotage.takeoverGraceMs ?? plan.takeoverGraceMs;
    const clock = { now: () => 1_000_000 + this.scheduler.now + this.#storeJumpedMs };
    const kept = new InMemoryStateStore({ clock, takeoverGraceMs });
    return new WitnessedStore(sabotage.store?.(kept) ?? kept, (sessionId) => this.#story(sessionId).record);
  }

  #begin(sessionId: string): Story {
    const { scheduler, judge, coverage, plan, store, streams, say, fails } = this;
    const parts = { scheduler, judge, coverage, plan, store, streams, say, fails };
    return new Story(sessionId, { ...parts, chance: this.#chance, network: this.#network });
  }

  #story(sessionId: string): Story {
    return this.stories.find((story) => story.sessionId === sessionId)!;
  }

  #anyStory(): Story {
    return this.stories.length === 1 ? this.stories[0]! : this.#chance.pick(this.stories);
  }

  #release(): void {
    const event = this.scheduler.next();
    if (!event) return this.#standsStill();
    this.scheduler.pass(this.#chance.below(4));
    this.say(() => `${event.actor?.name ?? 'net'}: ${event.label}`);
    event.release();
  }

  /** Where no process recovers, and nobody waits yet. */
  #standsStill(): void {
    if (this.#phase === 'trouble' && !this.plan.recovers) this.#makePeace();
    else this.judge.expect('S14', false, 'nothing is left that could happen');
  }

  #trouble(): void {
    for (const [kind, rate] of this.plan.rates) {
      if (!this.#chance.happens(rate)) continue;
      const process = this.#processes.pick();
      this.#act(kind, process);
      if (this.plan.crowded && asks.includes(kind)) this.#act(this.#chance.pick(asks), process);
    }
  }

  #act(kind: FaultKind, process = this.#processes.pick()): void {
    this.#met(kind, process.name);
    const { outsiders, callers } = this.#anyStory();
    switch (kind) {
      case 'crash':
        return this.#processes.crash(process);
      case 'clean-exit':
        return this.#processes.end(process);
      case 'close':
        return this.#processes.close(process);
      case 'pause':
        // What a lease fears most: its owner sleeps, and wakes by a clock that is not the store's any more.
        if (this.plan.takeoverGraceMs > 0 && this.#chance.happens(this.plan.drowsy ? 0.9 : 0.5))
          this.#act('store-clock-jump');
        return this.#processes.freeze(process);
      case 'clock-jump':
        return process.clock.jump(this.#chance.between(-60_000, 60_000));
      case 'store-clock-jump':
        return this.#jumpStore();
      case 'slowness':
        return this.scheduler.pass(this.#chance.between(1, 40_000));
      case 'doubt':
        return process.store.doubt();
      case 'interrupt':
      case 'abort':
        return outsiders.stop(kind);
      case 'message':
        return outsiders.message();
      case 'answer':
        return outsiders.answer();
      case 'look':
        return callers.look(process);
      case 'execute':
      case 'repeated-execute':
        return callers.execute(process, kind === 'repeated-execute');
      case 'resume':
      case 'retry':
        return callers.goOn(process, kind);
      default:
    }
  }

  /** By less than the grace in all: that is there for clocks that differ. */
  #jumpStore(): void {
    this.#storeJumpedMs = this.#chance.pick([-4_500, 0, 4_500]);
  }

  #makePeace(): void {
    this.#phase = 'peace';
    this.#peaceAt = this.scheduler.now;
    this.#network.weather = calm;
    this.say(() => 'the faults cease');
    if (!this.plan.recovers) this.#lookAfter();
  }

  /** Where no process recovers, somebody waits for each session until it rests, and has it taken up. */
  #lookAfter(): void {
    const process = this.#processes.pick();
    for (const { rests, callers } of this.stories) if (!rests) callers.look(process);
    this.scheduler.after(outside, lookEveryMs, 'somebody waits', () => this.#lookAfter());
  }

  /** Whether nothing is under way any more, and nothing due. */
  #rests(): boolean {
    if (this.scheduler.underWay > 0) return false;
    for (const { record, callers } of this.stories) if (!record.session) callers.execute(this.#processes.pick(), true);
    return this.stories.every(({ rests }) => rests) && this.#processes.areSilent;
  }

  /** A session that waits is answered, and goes on; once all have ended, the world is judged as a whole. */
  #conclude(): boolean {
    const parked = this.stories.filter(({ isParked }) => isParked);
    for (const story of parked) {
      this.say(() => `everybody does what ${story.sessionId} waits for`);
      story.goOn(this.#processes.pick());
    }
    if (parked.length > 0) return true;
    const judged = this.stories.map((story) => story.judged());
    if (judged.every(Boolean)) this.#phase = 'judged';
    return !this.violation && this.#phase !== 'judged';
  }

  /** What waits for others waits a minute and a half at most; and what goes round in a circle has no end. */
  #mustMove(): void {
    const since = Math.max(this.#peaceAt, ...this.stories.map(({ changedAt }) => changedAt));
    const moves = this.scheduler.now - since < patience.ms && this.events < this.plan.events + patience.events;
    this.judge.expect('S14', moves, 'the world does not come to its end');
  }

  #met(fault: FaultKind, who: string): void {
    const ends = fault === 'crash' || fault === 'clean-exit' || fault === 'close';
    for (const story of this.stories) {
      if (ends) story.tears('short');
      if (fault === 'stream-lost') story.tears('out of reach');
    }
    this.coverage.fault(fault);
    this.say(() => `! ${fault} (${who})`);
  }

  readonly say = (line: () => string): void => {
    this.#trace?.(`${String(this.events).padStart(4)} ${String(this.scheduler.now).padStart(7)} ms ${line()}`);
  };
}
