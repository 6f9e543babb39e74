/** How long who lost its connection has to come back, once somebody saw that. */
const regainMs = 500;

interface Lock {
  readonly onDoubt: (() => void) | undefined;
  /** Since when somebody else knows that it is free; undefined where it is held, null where nobody looked. */
  freeSince: number | null | undefined;
}

/** The locks that holders keep on their connections: what a database knows of who lives. */
export class Locks {
  readonly #locks = new Map<string, Lock>();
  readonly #clock: { now(): number };
  readonly #regainMs: number;

  constructor(clock: { now(): number }, ofRegainMs = regainMs) {
    this.#clock = clock;
    this.#regainMs = ofRegainMs;
  }

  take(holderId: string, onDoubt: (() => void) | undefined): void {
    this.#locks.set(holderId, { onDoubt, freeSince: undefined });
  }

  release(holderId: string): void {
    this.#locks.delete(holderId);
  }

  /** Takes it again where it was lost. False where that is too late. */
  regain(holderId: string): boolean {
    const lock = this.#locks.get(holderId);
    if (!lock || this.#isOver(lock)) return false;
    lock.freeSince = undefined;
    return true;
  }

  /** The connection ends, with its process or without it; one that lives notices by itself. */
  lose(holderId: string): void {
    const lock = this.#locks.get(holderId);
    if (!lock || lock.freeSince !== undefined) return;
    lock.freeSince = null;
    lock.onDoubt?.();
  }

  /** Somebody looks: those who were seen free before, and did not come back. */
  look(by: string): readonly string[] {
    const others = Array.from(this.#locks).filter(([holderId]) => holderId !== by);
    for (const [, lock] of others) if (lock.freeSince === null) lock.freeSince = this.#clock.now();
    return others.filter(([, lock]) => this.#isOver(lock)).map(([holderId]) => holderId);
  }

  #isOver({ freeSince }: Lock): boolean {
    return typeof freeSince === 'number' && this.#clock.now() - freeSince >= this.#regainMs;
  }
}
