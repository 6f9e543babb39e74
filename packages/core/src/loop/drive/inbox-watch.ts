import type { Signals } from '../../contracts/session-state-store.ts';
import type { Clock } from '../../ports/ports.ts';

/** How often an owner looks for what outsiders wrote, should every signal be lost. */
const lookEveryMs = 5_000;
/**
 * When it looks first: what was written after its entry and before the watch began was told to nobody. Most runs know it by then
 * from a commit of their own and need not look, and a short one is over.
 */
const firstLookMs = 50;

/** The part of an owner that is used. */
interface Looking {
  look(): Promise<void>;
  readonly session: { readonly version: number };
}

/** Has an owner look at what outsiders write: when they say so, soon after it began, and now and then. */
export class InboxWatch {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #unwatch: () => void;
  #owner: Looking | undefined;
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

  tell(owner: Looking): void {
    this.#owner = owner;
    if (this.#heard) void owner.look();
    const { version } = owner.session;
    this.#cancelLook = this.#clock.after(firstLookMs, () => {
      if (owner.session.version === version) void owner.look();
      this.#keepLooking(owner);
    });
  }

  stop(): void {
    this.#unwatch();
    this.#cancelLook();
  }

  #keepLooking(owner: Looking): void {
    this.#cancelLook = this.#clock.after(lookEveryMs, () => {
      void owner.look();
      this.#keepLooking(owner);
    });
  }
}
