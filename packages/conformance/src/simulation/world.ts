/**
 * One seeded world: one session or two, two processes that may own them, a store, streams, outsiders, and everything that can go
 * wrong between them.
 *
 * 1. The seed decides everything: no real time, no real chance, no event that the scheduler did not release.
 * 2. A step releases one event. Whoever calls it lets all microtasks run before the next.
 * 3. First there is trouble, then the faults cease: from then on everything must come to its end.
 */
import { Chance } from '@helix-agents/core/testing';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import { Coverage } from './coverage.ts';
import type { FaultKind } from './faults.ts';
import { Stories } from './judges/stories.ts';
import { Judge, type Violation } from './judges/violation.ts';
import { makePlan, type Plan } from './plan.ts';
import type { OwnerProcess } from './processes/owner-process.ts';
import { outside, Processes } from './processes/processes.ts';
import type { Sabotage } from './sabotage.ts';
import { Scheduler } from './scheduler.ts';
import { LockedStore } from './stores/locked-store.ts';
import { Locks } from './stores/locks.ts';
import { calm, Network } from './stores/network.ts';
import { StoreClock } from './stores/store-clock.ts';
import { WitnessedStore } from './stores/witnessed-store.ts';
import { Troubles } from './troubles.ts';
import { WorldSurroundings } from './world-surroundings.ts';

export interface WorldOptions {
  readonly sabotage?: Sabotage;
  /** Told of each event, in words. */
  readonly trace?: (line: string) => void;
}

/** Without faults something changes in this time, or the world is at its end; and so many events are enough for that. */
const patience = { ms: 600_000, events: 6_000 };
/** How often somebody who waits for a session has it looked after, where no process recovers. */
const lookEveryMs = 1_000;

export class World {
  readonly seed: number;
  readonly plan: Plan;
  readonly coverage = new Coverage();
  readonly stories: Stories;
  readonly #scheduler: Scheduler;
  readonly #judge = new Judge();
  readonly #chance: Chance;
  readonly #network: Network;
  readonly #processes: Processes;
  readonly #troubles: Troubles;
  readonly #trace: ((line: string) => void) | undefined;
  #phase: 'trouble' | 'peace' | 'judged' = 'trouble';
  /** Events so far. */
  events = 0;
  #peaceAt = 0;

  constructor(seed: number, { sabotage = {}, trace }: WorldOptions = {}) {
    this.seed = seed;
    this.#trace = trace;
    const chance = (this.#chance = new Chance(seed));
    const plan = (this.plan = makePlan(chance));
    const scheduler = (this.#scheduler = new Scheduler(chance));
    const network = (this.#network = new Network(chance, scheduler, (fault, actor) => this.#met(fault, actor.name)));
    network.weather = plan.weather;
    const storeClock = new StoreClock(scheduler);
    const takeoverGraceMs = sabotage.takeoverGraceMs ?? plan.takeoverGraceMs;
    const locks = new Locks(storeClock, sabotage.regainMs);
    const kept = new LockedStore(new InMemoryStateStore({ clock: storeClock, takeoverGraceMs }), locks, plan.proves);
    const store = new WitnessedStore(sabotage.store?.(kept) ?? kept, (sessionId) => this.stories.of(sessionId).witness);
    const streams = new (sabotage.streams ?? InMemoryStreamManager)();
    const shared = { chance, plan, scheduler, network, store, locks, streams };
    const { say, fails, coverage } = this;
    const doze = (process: OwnerProcess) => this.#troubles.pause(process);
    const stories = (this.stories = new Stories({ ...shared, judge: this.#judge, coverage, say, fails }));
    const around = new WorldSurroundings({ ...shared, stories, sabotage, say, fails, doze });
    this.say(() => `plan ${JSON.stringify(plan)}`);
    const processes = (this.#processes = new Processes(chance, around));
    const met = (fault: FaultKind, who: string) => this.#met(fault, who);
    this.#troubles = new Troubles({ ...shared, stories, processes, storeClock, met });
    for (const { callers } of stories.all) callers.execute(processes.pick());
  }

  get violation(): Violation | null {
    return this.#judge.violation;
  }

  /** Releases one event. Answers false once the world is judged. */
  step(): boolean {
    if (this.violation || this.#phase === 'judged') return false;
    this.events += 1;
    if (this.#phase === 'trouble' && this.events > this.plan.events) this.#makePeace();
    if (this.#phase === 'trouble') this.#troubles.happen();
    else if (this.#rests()) return this.#conclude();
    if (this.#phase === 'peace') this.#mustMove();
    this.#release();
    return !this.violation;
  }

  readonly fails = (process: OwnerProcess | null, error: unknown): void => {
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#judge.expect('P4', false, `${process?.name ?? 'the judge'} cannot go on: ${told}`);
  };

  #release(): void {
    const event = this.#scheduler.next();
    if (!event) return this.#standsStill();
    this.#scheduler.pass(this.#chance.below(4));
    this.say(() => `${event.actor?.name ?? 'net'}: ${event.label}`);
    event.release();
  }

  /** Where no process recovers, and nobody waits yet. */
  #standsStill(): void {
    if (this.#phase === 'trouble' && !this.plan.recovers) this.#makePeace();
    else this.#judge.expect('S14', false, 'nothing is left that could happen');
  }

  #makePeace(): void {
    this.#phase = 'peace';
    this.#peaceAt = this.#scheduler.now;
    this.#network.weather = calm;
    this.say(() => 'the faults cease');
    if (!this.plan.recovers) this.#lookAfter();
  }

  /** Where no process recovers, somebody waits for each session until it rests, and has it taken up. */
  #lookAfter(): void {
    const process = this.#processes.pick();
    for (const { rests, callers } of this.stories.all) if (!rests) callers.look(process);
    this.#scheduler.after(outside, lookEveryMs, 'somebody waits', () => this.#lookAfter());
  }

  /** Whether nothing is under way any more, and nothing due. */
  #rests(): boolean {
    if (this.#scheduler.underWay > 0) return false;
    for (const { neverWas, callers } of this.stories.all) if (neverWas) callers.execute(this.#processes.pick(), true);
    return this.stories.all.every((story) => this.#isAtRest(story)) && this.#processes.areSilent;
  }

  /** Nor does anybody drive it any more: a former owner may wait for its stream, or be about to find out that it was deleted. */
  #isAtRest({ rests, sessionId }: Stories['all'][number]): boolean {
    return rests && !this.#processes.drive(sessionId);
  }

  /** A session that waits is answered, and goes on; once all have ended, the world is judged as a whole. */
  #conclude(): boolean {
    const parked = this.stories.all.filter(({ isParked }) => isParked);
    for (const story of parked) {
      this.say(() => `everybody does what ${story.sessionId} waits for`);
      story.goOn(this.#processes.pick());
    }
    if (parked.length > 0) return true;
    const judged = this.stories.all.map((story) => story.judged());
    if (judged.every(Boolean)) this.#phase = 'judged';
    return !this.violation && this.#phase !== 'judged';
  }

  /** What waits for others waits a minute and a half at most; and what goes round in a circle has no end. */
  #mustMove(): void {
    const since = Math.max(this.#peaceAt, ...this.stories.all.map(({ changedAt }) => changedAt));
    const moves = this.#scheduler.now - since < patience.ms && this.events < this.plan.events + patience.events;
    this.#judge.expect('S14', moves, 'the world does not come to its end');
  }

  #met(fault: FaultKind, who: string): void {
    this.stories.met(fault);
    this.coverage.fault(fault);
    this.say(() => `! ${fault} (${who})`);
  }

  readonly say = (line: () => string): void => {
    this.#trace?.(`${String(this.events).padStart(4)} ${String(this.#scheduler.now).padStart(7)} ms ${line()}`);
  };
}
