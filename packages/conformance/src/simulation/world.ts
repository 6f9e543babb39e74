/**
 * One seeded world: a session, two processes that may own it, a store, a stream, outsiders, and everything that can go wrong
 * between them.
 *
 * 1. The seed decides everything: no real time, no real chance, no event that the scheduler did not release.
 * 2. A step releases one event. Whoever calls it lets all microtasks run before the next.
 * 3. First there is trouble, then the faults cease: from then on everything must come to its end.
 */
import {
  resolvePorts,
  wakeAtOf,
  type LLMAdapter,
  type Owner,
  type RuntimePorts,
  type SessionStateStore,
} from '@helix-agents/core';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import { Callers } from './callers.ts';
import { Chance } from './chance.ts';
import { Coverage } from './coverage.ts';
import { EffectRules } from './effect-rules.ts';
import { finalRules } from './final-rules.ts';
import type { FaultKind } from './faults.ts';
import { makeAgent, type AgentParts } from './make-agent.ts';
import { calm, Network } from './network.ts';
import { Outsiders } from './outsiders.ts';
import type { OwnerProcess, Surroundings } from './owner-process.ts';
import { makePlan, type Plan } from './plan.ts';
import { RecordRules } from './record-rules.ts';
import { RemoteStore } from './remote-store.ts';
import { RemoteStreams } from './remote-streams.ts';
import { outside, Processes } from './processes.ts';
import { Scheduler } from './scheduler.ts';
import { ScriptedModel } from './scripted-model.ts';
import { Judge, type Violation } from './violation.ts';
import { WitnessedStore } from './witnessed-store.ts';

/** What a test breaks on purpose, to see that it is found. */
export interface Sabotage {
  readonly store?: (store: SessionStateStore) => SessionStateStore;
  readonly leaseMarginMs?: number;
  readonly takeoverGraceMs?: number;
}

export interface WorldOptions {
  readonly sabotage?: Sabotage;
  /** Told of each event, in words. */
  readonly trace?: (line: string) => void;
}

const sessionId = 'session';
/** As the margin, the grace of a stop is longer than what a body asks for is on its way. */
const limits = { backoffMs: 100, maxBackoffMs: 2_000, stopGraceMs: 5_000 };
/** Events after which a world without faults must have come to its end. */
const patience = 6_000;
export class World implements Surroundings {
  readonly seed: number;
  readonly plan: Plan;
  readonly scheduler: Scheduler;
  readonly coverage = new Coverage();
  readonly judge = new Judge();
  readonly record: RecordRules;
  readonly effects: EffectRules;
  readonly streams = new InMemoryStreamManager();
  readonly store: WitnessedStore;
  /** Whether all of what was streamed can be there: a writer may have died, or the stream may have been out of reach. */
  stream: 'whole' | 'short' | 'out of reach' = 'whole';
  readonly #chance: Chance;
  readonly #network: Network;
  readonly #outsiders: Outsiders;
  readonly #processes: Processes;
  readonly #callers: Callers;
  readonly #sabotage: Sabotage;
  readonly #trace: ((line: string) => void) | undefined;
  #phase: 'trouble' | 'peace' | 'judged' = 'trouble';
  /** Events so far. */
  events = 0;
  #storeJumpedMs = 0;
  #ids = 0;
  #final: 'asked' | 'passed' | undefined;

  constructor(seed: number, { sabotage = {}, trace }: WorldOptions = {}) {
    this.seed = seed;
    this.#sabotage = sabotage;
    this.#trace = trace;
    this.#chance = new Chance(seed);
    this.plan = makePlan(this.#chance);
    this.scheduler = new Scheduler(this.#chance);
    this.record = new RecordRules(this.judge, (kinds, { version }) => {
      this.say(() => `  version ${version}: ${kinds.join(', ')}`);
      this.coverage.decided(kinds);
      if (kinds.includes('takeover')) this.tears('short');
      if (this.record.session) this.#outsiders.see(this.record.session);
    });
    this.effects = new EffectRules(this.record, this.judge, 3, () => this.scheduler.now);
    this.#network = new Network(this.#chance, this.scheduler, (fault, actor) => this.#met(fault, actor.name));
    const takeoverGraceMs = sabotage.takeoverGraceMs ?? this.plan.takeoverGraceMs;
    const clock = { now: () => 1_000_000 + this.scheduler.now + this.#storeJumpedMs };
    const kept = new InMemoryStateStore({ clock, takeoverGraceMs });
    this.store = new WitnessedStore(sabotage.store?.(kept) ?? kept, this.record);
    this.#outsiders = new Outsiders(this.#chance, new RemoteStore(this.store, this.#network, outside), sessionId);
    this.#network.weather = this.plan.weather;
    this.say(() => `plan ${JSON.stringify(this.plan)}`);
    this.#processes = new Processes(this.#chance, this);
    this.#callers = this.#makeCallers();
    this.#callers.execute(this.#processes.pick());
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
    if (this.events > this.plan.events + patience)
      this.judge.expect('S14', false, 'the session does not come to its end');
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

  storeOf(process: OwnerProcess): RemoteStore {
    return new RemoteStore(this.store, this.#network, process);
  }

  streamsOf(process: OwnerProcess): RemoteStreams {
    return new RemoteStreams(this.streams, this.#network, process);
  }

  parts(process: OwnerProcess, owner: () => Owner): { agent: ReturnType<typeof makeAgent>; llm: LLMAdapter } {
    const performer = {
      process,
      get owner() {
        return owner();
      },
    };
    const { plan, scheduler, effects } = this;
    const doze = () => this.#act('pause', process);
    const parts: AgentParts = { plan, scheduler, effects, performer, chance: this.#chance, doze };
    return { agent: makeAgent(parts), llm: new ScriptedModel(parts) };
  }

  decides(process: OwnerProcess, decision: object): void {
    this.say(() => `  ${process.name} decides ${JSON.stringify(decision)}`);
  }

  fails(process: OwnerProcess, error: unknown): void {
    this.#breaks(error, process.name);
  }

  cutOff(process: OwnerProcess, ms: number): void {
    this.#network.cutOff(process, ms);
  }

  tears(stream: 'short' | 'out of reach'): void {
    if (this.stream !== 'out of reach') this.stream = stream;
  }

  #makeCallers(): Callers {
    return new Callers({
      chance: this.#chance,
      sessionId,
      say: (line) => this.say(line),
      fails: (process, error) => this.fails(process, error),
    });
  }

  #release(): void {
    const event = this.scheduler.next();
    if (!event) return this.judge.expect('S14', false, 'nothing is left that could happen');
    this.scheduler.pass(this.#chance.below(4));
    this.say(() => `${event.actor?.name ?? 'net'}: ${event.label}`);
    event.release();
  }

  #trouble(): void {
    for (const [kind, rate] of this.plan.rates) if (this.#chance.happens(rate)) this.#act(kind);
  }

  #act(kind: FaultKind, process = this.#processes.pick()): void {
    this.#met(kind, process.name);
    switch (kind) {
      case 'crash':
        return this.#processes.crash(process);
      case 'clean-exit':
        return this.#processes.end(process);
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
      case 'interrupt':
      case 'abort':
        return this.#outsiders.stop(kind);
      case 'message':
        return this.#outsiders.message();
      case 'answer':
        return this.#outsiders.answer();
      case 'execute':
      case 'repeated-execute':
        return this.#callers.execute(process, kind === 'repeated-execute');
      case 'resume':
      case 'retry':
        return this.#callers.goOn(process, kind);
      default:
    }
  }

  /** By less than the grace in all: that is there for clocks that differ. */
  #jumpStore(): void {
    this.#storeJumpedMs = this.#chance.pick([-4_500, 0, 4_500]);
  }

  #makePeace(): void {
    this.#phase = 'peace';
    this.#network.weather = calm;
    this.say(() => 'the faults cease');
    if (!this.record.session) this.#callers.execute(this.#processes.pick(), true);
  }

  /** Whether nothing is under way any more, and nothing due. */
  #rests(): boolean {
    const { session } = this.record;
    if (!session) {
      if (this.scheduler.underWay === 0) this.#callers.execute(this.#processes.pick(), true);
      return false;
    }
    const phase = session.run?.phase.at;
    if (this.scheduler.underWay > 0 || (phase !== 'ended' && phase !== 'parked')) return false;
    return phase === 'ended' || wakeAtOf(session) !== 0;
  }

  /** A session that waits is answered, and goes on; one that ended is judged as a whole. */
  #conclude(): boolean {
    const { session } = this.record;
    if (session?.run?.phase.at === 'parked') {
      this.say(() => 'everybody answers');
      this.#outsiders.answerAll(session);
      return true;
    }
    if (this.#final === undefined) {
      this.#final = 'asked';
      const judged = () => void (this.#final = 'passed');
      finalRules(this, sessionId).then(judged, (error: unknown) => this.#breaks(error));
      return true;
    }
    if (this.#final === 'passed') this.#phase = 'judged';
    return !this.violation && this.#phase !== 'judged';
  }

  #breaks(error: unknown, who = 'the judge'): void {
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.judge.expect('P4', false, `${who} cannot go on: ${told}`);
  }

  #met(fault: FaultKind, who: string): void {
    if (fault === 'crash' || fault === 'clean-exit') this.tears('short');
    if (fault === 'stream-lost') this.tears('out of reach');
    this.coverage.fault(fault);
    this.say(() => `! ${fault} (${who})`);
  }

  say(line: () => string): void {
    this.#trace?.(`${String(this.events).padStart(4)} ${String(this.scheduler.now).padStart(7)} ms ${line()}`);
  }
}
