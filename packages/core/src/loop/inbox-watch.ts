import type { Signals } from '../contracts/session-state-store.ts';
import type { Clock } from '../ports/ports.ts';
import type { Owner } from './owner.ts';

/** How often an owner looks for what outsiders wrote, should every signal be lost. */
const lookEveryMs = 5_000;
/**
 * When it looks first: what was written after its entry and before the watch began was told to nobody. Most runs know by then what
 * their own commits told them, and a short one is over.
 */
const firstLookMs = 50;

/** Has an owner look at what outsiders write: when they say so, soon after it began, and now and then. */
export class InboxWatch {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #unwatch: () => void;
  #owner: Pick<Owner, 'look'> | undefined;
  #heard = false;
  #cancelLook = () => {};

  /** Hears from now on, also before there is an owner to tell. */
  constructor(signals: Signals, sessionId: string, clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
    this.#unwatch = signals.watch(sessionId, () => {
      this.#heard = true;
      void this.#owner?.look();
    });
  }

  tell(owner: Pick<Owner, 'look'>): void {
    this.#owner = owner;
    if (this.#heard) void owner.look();
    this.#lookAfter(firstLookMs);
  }

  stop(): void {
    this.#unwatch();
    this.#cancelLook();
  }

  #lookAfter(ms: number): void {
    this.#cancelLook = this.#clock.after(ms, () => {
      void this.#owner?.look();
      this.#lookAfter(lookEveryMs);
    });
  }
}
