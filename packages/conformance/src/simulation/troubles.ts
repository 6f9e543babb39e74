import type { Chance } from '@helix-agents/core/testing';
import { asks, type FaultKind } from './faults.ts';
import type { Stories } from './judges/stories.ts';
import type { Plan } from './plan.ts';
import type { OwnerProcess } from './processes/owner-process.ts';
import type { Processes } from './processes/processes.ts';
import type { Scheduler } from './scheduler.ts';
import type { StoreClock } from './stores/store-clock.ts';

export interface TroubleParts {
  readonly chance: Chance;
  readonly plan: Plan;
  readonly scheduler: Scheduler;
  readonly stories: Stories;
  readonly processes: Processes;
  readonly storeClock: StoreClock;
  readonly met: (fault: FaultKind, who: string) => void;
}

/** Everything that breaks in a world, and what people do in it meanwhile. */
export class Troubles {
  readonly #of: TroubleParts;

  constructor(of: TroubleParts) {
    this.#of = of;
  }

  /** What happens before an event, by the rates of the plan. */
  happen(): void {
    const { chance, plan, processes } = this.#of;
    for (const [kind, rate] of plan.rates) {
      if (!chance.happens(rate)) continue;
      const process = processes.pick();
      this.#act(kind, process);
      if (plan.crowded && asks.includes(kind)) this.#act(chance.pick(asks), process);
    }
  }

  /** The process falls asleep. */
  pause(process: OwnerProcess): void {
    this.#act('pause', process);
  }

  #act(kind: FaultKind, process: OwnerProcess): void {
    this.#of.met(kind, process.name);
    const { chance, scheduler, storeClock } = this.#of;
    switch (kind) {
      case 'clock-jump':
        return process.clock.jump(chance.between(-60_000, 60_000));
      case 'store-clock-jump':
        return storeClock.jump(chance);
      case 'slowness':
        return scheduler.pass(chance.between(1, 40_000));
      case 'doubt':
        return process.store.disconnect();
      default:
        this.#stop(kind, process);
        this.#ask(kind, process);
    }
  }

  /** Ways in which a process stops. */
  #stop(kind: FaultKind, process: OwnerProcess): void {
    const { chance, plan, processes } = this.#of;
    switch (kind) {
      case 'crash':
        return processes.crash(process);
      case 'clean-exit':
        return processes.end(process);
      case 'close':
        return processes.close(process);
      case 'pause':
        // What a lease fears most: its owner sleeps, and wakes by a clock that is not the store's any more.
        if (plan.takeoverGraceMs > 0 && chance.happens(plan.drowsy ? 0.9 : 0.5)) this.#act('store-clock-jump', process);
        return processes.freeze(process);
      default:
    }
  }

  /** What somebody wants of a session. */
  #ask(kind: FaultKind, process: OwnerProcess): void {
    const { outsiders, callers } = this.#of.stories.any();
    switch (kind) {
      case 'interrupt':
      case 'abort':
        return outsiders.stop(kind);
      case 'message':
        return outsiders.message();
      case 'answer':
        return outsiders.answer();
      case 'delete':
        return outsiders.delete();
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
}
