import { HelixError } from '@helix-agents/core';
import type { Chance } from '@helix-agents/core/testing';
import type { FaultKind } from '../faults.ts';
import type { Actor, Scheduler } from '../scheduler.ts';

/** Rates of what a request can meet on its way. */
export interface NetworkWeather {
  readonly lostRequest: number;
  readonly lostReply: number;
  readonly repeated: number;
  readonly lostSignal: number;
  readonly streamLost: number;
  /** How many replies come at once: each event that nothing can fall into is one that a longer history could have. */
  readonly prompt: number;
}

export const calm: NetworkWeather = {
  lostRequest: 0,
  lostReply: 0,
  repeated: 0,
  lostSignal: 0,
  streamLost: 0,
  prompt: 0.6,
};

export interface RequestOptions<T> {
  /** What the caller learns where the request or its reply was lost; by default, a rejection that may be repeated. */
  readonly lost?: () => T;
  /** The far side may get it twice. */
  readonly mayRepeat?: boolean;
}

/** The way from a process to its stores and back: each half is an event of its own, and either can be lost. */
export class Network {
  weather: NetworkWeather = calm;
  readonly #chance: Chance;
  readonly #scheduler: Scheduler;
  /** Until when nobody hears a process. */
  readonly #cutOff = new Map<Actor, number>();
  readonly #met: (fault: FaultKind, actor: Actor) => void;

  constructor(chance: Chance, scheduler: Scheduler, met: (fault: FaultKind, actor: Actor) => void) {
    this.#chance = chance;
    this.#scheduler = scheduler;
    this.#met = met;
  }

  /** Asks a store. What was asked by a process that dies meanwhile may still arrive. */
  request<T>(actor: Actor, label: string, perform: () => Promise<T>, options: RequestOptions<T> = {}): Promise<T> {
    return new Promise((resolve, reject) => {
      const lose = () => {
        if (options.lost && this.#chance.happens(0.5)) resolve(options.lost());
        else reject(new HelixError('state_store_unavailable', `${label} was lost`));
      };
      this.#scheduler.add(null, label, () => {
        if (this.#isCutOff(actor) || this.#meets(actor, 'lost-request', this.weather.lostRequest))
          return this.#scheduler.add(actor, `${label} lost`, lose);
        const outcome = perform();
        outcome.catch(() => {});
        if (options.mayRepeat && this.#meets(actor, 'repeated', this.weather.repeated)) this.#repeat(label, perform);
        if (this.#meets(actor, 'lost-reply', this.weather.lostReply))
          return this.#scheduler.add(actor, `${label} reply lost`, lose);
        const reply = () => void outcome.then(resolve, reject);
        if (actor.state === 'running' && this.#chance.happens(this.weather.prompt)) return reply();
        this.#scheduler.add(actor, `${label} reply`, reply);
      });
    });
  }

  /** Loses all that a process asks for some time. */
  cutOff(actor: Actor, ms: number): void {
    this.#cutOff.set(actor, this.#scheduler.now + ms);
  }

  /** Tells a process to look; nobody waits for it. */
  signal(actor: Actor, label: string, tell: () => void): void {
    if (this.#meets(actor, 'lost-signal', this.weather.lostSignal)) return;
    this.#scheduler.add(actor, label, tell);
  }

  /** Whether the stream is out of reach for this request. */
  losesStream(actor: Actor): boolean {
    return this.#meets(actor, 'stream-lost', this.weather.streamLost);
  }

  #repeat(label: string, perform: () => Promise<unknown>): void {
    this.#scheduler.add(null, `${label} again`, () => {
      perform().catch(() => {});
    });
  }

  #isCutOff(actor: Actor): boolean {
    const is = (this.#cutOff.get(actor) ?? 0) > this.#scheduler.now;
    if (is) this.#met('lost-request', actor);
    return is;
  }

  #meets(actor: Actor, fault: FaultKind, rate: number): boolean {
    if (rate === 0 || !this.#chance.happens(rate)) return false;
    this.#met(fault, actor);
    return true;
  }
}
