import type { Chance } from '@helix-agents/core/testing';

/** Somebody whose code runs: a process. What is on its way to one that is frozen waits, to one that died is lost. */
export interface Actor {
  readonly name: string;
  readonly state: 'running' | 'frozen' | 'dead';
}

/** What users' code waits for in a process: it may go on once the process was told to end. */
export const userWork = 'user work';

/** Something that will happen, in an order that chance decides. */
interface Pending {
  /** On whose side it happens; null for the network and the stores, which never stop. */
  readonly actor: Actor | null;
  readonly label: string;
  release(): void;
}

interface Timer extends Pending {
  readonly actor: Actor;
  readonly at: number;
}

/**
 * Time, and everything that waits to happen in a world.
 *
 * 1. Nothing happens by itself: each event is released here, one at a time, chosen by the seed.
 * 2. Time moves only between two events.
 * 3. A timer becomes an event like any other once its time has come; so timers may be late, and never early.
 */
export class Scheduler {
  /** Milliseconds since the beginning of the world. */
  now = 0;
  readonly #chance: Chance;
  #pending: Pending[] = [];
  #timers: Timer[] = [];

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** Events that are under way, without timers. */
  get underWay(): number {
    return this.#pending.length;
  }

  /** Whether nothing of an actor is under way, and no timer runs but those of its users' code. */
  isSilent(actor: Actor): boolean {
    const isIts = (event: Pending) => event.actor === actor && event.label !== userWork;
    return !this.#pending.some(isIts) && !this.#timers.some(isIts);
  }

  add(actor: Actor | null, label: string, release: () => void): void {
    if (actor?.state !== 'dead') this.#pending.push({ actor, label, release });
  }

  /** Calls back after `ms`; returns the way to cancel. */
  after(actor: Actor, ms: number, label: string, release: () => void): () => void {
    const timer: Timer = { actor, label, at: this.now + Math.max(0, ms), release };
    if (actor.state !== 'dead') this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
      this.#pending = this.#pending.filter((other) => other !== timer);
    };
  }

  /** What waits for a process that died will never happen. */
  forget(actor: Actor): void {
    this.#pending = this.#pending.filter((event) => event.actor !== actor);
    this.#timers = this.#timers.filter((timer) => timer.actor !== actor);
  }

  pass(ms: number): void {
    this.now += ms;
  }

  /** Takes out the event that happens next; undefined where nothing is left that could. */
  next(): Pending | undefined {
    this.#ring();
    const ready = this.#pending.filter(isReady);
    if (ready.length === 0) return this.#waitForTimer();
    const event = this.#chance.pick(ready);
    this.#pending.splice(this.#pending.indexOf(event), 1);
    return event;
  }

  #waitForTimer(): Pending | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) if (isReady(timer) && (!first || timer.at < first.at)) first = timer;
    if (!first) return undefined;
    this.now = Math.max(this.now, first.at);
    return this.next();
  }

  #ring(): void {
    const due = this.#timers.filter((timer) => timer.at <= this.now);
    if (due.length === 0) return;
    this.#timers = this.#timers.filter((timer) => timer.at > this.now);
    this.#pending.push(...due);
  }
}

function isReady({ actor }: Pending): boolean {
  return actor === null || actor.state === 'running';
}
