import { HelixError } from '../../errors/helix-error.ts';
import type { CallChange } from '../../session/call.ts';
import type { UsageEntry } from '../../session/usage.ts';
import type { Owner } from '../owner/owner.ts';

/** Siblings that end together ride in one commit; only who waits longer than this for the others is written on its own. */
const patienceMs = 5;

/**
 * Writes calls that ended while their siblings still run, and what they used, so that a crash does not lose it. Only where the store
 * outlives the process; a failure is no harm, since the step's own commit holds the same.
 */
export class EarlySettler {
  readonly #owner: Owner;
  /** Taken once: when the time to write comes, the run may be over. */
  readonly #of: { readonly runId: string; readonly epoch: number };
  #running: number;
  #ended = false;
  #waiting: CallChange[] = [];
  #cancel: (() => void) | undefined;

  constructor(owner: Owner, running: number) {
    this.#owner = owner;
    this.#of = { runId: owner.run.runId, epoch: owner.session.epoch };
    this.#running = running;
  }

  settled(change: CallChange, usage: readonly UsageEntry[]): void {
    if (this.#ended) return;
    this.#running -= 1;
    const { store, ports } = this.#owner.parts;
    if (this.#running === 0 || store.durability === 'none') return this.end();
    // Also where there is none: that it is still to be written tells that no commit knows of the end.
    this.#waiting.push({ ...change, usage });
    this.#cancel ??= ports.clock.after(patienceMs, () => void this.#write());
  }

  /** The step's own commit is next: whoever ends later was left behind. */
  end(): void {
    this.#ended = true;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#waiting = [];
  }

  async #write(): Promise<void> {
    const changes = this.#waiting;
    this.#waiting = [];
    this.#cancel = undefined;
    const { session, parts } = this.#owner;
    this.#owner.reached('early-settle:before');
    try {
      await parts.store.settleCalls(session.sessionId, this.#of, changes);
      this.#owner.reached('early-settle:after');
    } catch (error) {
      const code = HelixError.is(error) ? error.code : undefined;
      parts.ports.logger.log('warn', 'a settled call could not be written early', {
        sessionId: session.sessionId,
        code,
      });
    }
  }
}
