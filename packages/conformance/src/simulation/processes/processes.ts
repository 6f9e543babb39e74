import type { Chance } from '@helix-agents/core/testing';
import type { Actor, Scheduler } from '../scheduler.ts';
import { OwnerProcess, type Surroundings } from './owner-process.ts';

/** An actor that never stops: people, and the clock on the wall of the world. */
export const outside: Actor = { name: 'outside', state: 'running' };

/** The two processes of a world: there are always two, however many died. */
export class Processes {
  readonly #chance: Chance;
  readonly #scheduler: Scheduler;
  readonly #around: Surroundings;
  #born = 0;
  #all: readonly OwnerProcess[];
  /** Were told to end. */
  readonly #ended: OwnerProcess[] = [];

  constructor(chance: Chance, around: Surroundings) {
    this.#chance = chance;
    this.#scheduler = around.scheduler;
    this.#around = around;
    this.#all = [this.#spawn(), this.#spawn()];
  }

  pick(): OwnerProcess {
    const [first] = this.#all;
    return first && this.#around.plan.crowded && this.#chance.happens(0.85) ? first : this.#chance.pick(this.#all);
  }

  /** Whether each process that must not go on by itself holds nothing any more, and waits for nothing. */
  get areSilent(): boolean {
    const must = [...this.#all, ...this.#ended].filter(({ mustFallSilent }) => mustFallSilent);
    return must.every((process) => this.#scheduler.isSilent(process));
  }

  /** Whether one that lives drives the session. */
  drive(sessionId: string): boolean {
    return [...this.#all, ...this.#ended].some(({ state, host }) => state !== 'dead' && host.isDriving(sessionId));
  }

  /** Takes with it what is in memory; the lease stays until it runs out. Another process is started in its place. */
  crash(process: OwnerProcess): void {
    process.state = 'dead';
    this.#scheduler.forget(process);
    process.store.disconnect();
    this.#replace(process);
  }

  /** Lets go of everything as a process does that is told to end. */
  end(process: OwnerProcess): void {
    this.#ended.push(process);
    void process.end().catch(() => {});
    this.#replace(process);
  }

  /** Lets go of everything, and may be asked for more. */
  close(process: OwnerProcess): void {
    void process.close().catch(() => {});
  }

  /** Stops a process while the world goes on. Half of the pauses end where a lease does, and half of those in its last moments. */
  freeze(process: OwnerProcess): void {
    if (process.state !== 'running') return;
    process.state = 'frozen';
    const frozenAt = this.#scheduler.now;
    const chance = this.#chance;
    const { drowsy } = this.#around.plan;
    const pauseMs = drowsy || chance.happens(0.5) ? this.#nearLeaseEnd() : chance.between(1, 90_000);
    this.#scheduler.after(outside, pauseMs, `${process.name} wakes`, () => {
      if (process.state !== 'frozen') return;
      process.clock.wasFrozen(this.#scheduler.now - frozenAt);
      process.state = 'running';
      // A machine that wakes may be up before its network is.
      if (drowsy && chance.happens(0.7)) this.#around.cutOff(process, chance.between(1_000, 10_000));
    });
  }

  #nearLeaseEnd(): number {
    if (this.#around.plan.drowsy) return this.#chance.between(20_000, 30_000);
    return this.#chance.happens(0.5) ? this.#chance.between(25_000, 30_000) : this.#chance.between(24_000, 46_000);
  }

  #replace(process: OwnerProcess): void {
    this.#all = this.#all.map((other) => (other === process ? this.#spawn() : other));
  }

  #spawn(): OwnerProcess {
    this.#born += 1;
    const wrongClock = this.#chance.happens(0.5) ? 'wall' : 'monotonic';
    const process = new OwnerProcess(`p${this.#born}`, wrongClock, this.#around);
    const { plan } = this.#around;
    if (plan.recovers) process.recover().catch((error: unknown) => this.#around.fails(process, error));
    return process;
  }
}
