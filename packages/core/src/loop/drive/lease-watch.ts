import type { Decision } from '../decide/decision.ts';
import type { HolderLease } from '../lease/holder-lease.ts';
import type { Owner } from '../owner/owner.ts';
import { isClaimed } from '../tools/dispatch-tools.ts';

/**
 * Ends an owner's work with its lease. Where the process closes, tool bodies that a commit let run may end before, and so may a commit
 * that is on its way, with what is read and told once it landed: what they came to would be lost. Anything else is cut at once, for the
 * next owner to begin anew.
 */
export class LeaseWatch {
  readonly #owner: Owner;
  readonly #lease: HolderLease;
  #runsTools = false;

  constructor(owner: Owner, lease: HolderLease) {
    this.#owner = owner;
    this.#lease = lease;
    lease.ending.addEventListener('abort', this.#cut);
    lease.lost.addEventListener('abort', this.#cut);
    // It may have ended while the stream was opened.
    this.#cut();
  }

  /** Before each decision is performed. */
  begin(decision: Decision): void {
    const { session } = this.#owner;
    this.#owner.begin();
    this.#runsTools = decision.kind === 'dispatch' && (!this.#lease.isEnding || isClaimed(session, decision.tools));
    this.#cut();
  }

  stop(): void {
    this.#lease.ending.removeEventListener('abort', this.#cut);
    this.#lease.lost.removeEventListener('abort', this.#cut);
  }

  readonly #cut = (): void => {
    if (!this.#lease.isEnding) return;
    const mayEnd = this.#runsTools || this.#owner.isLanding;
    if (!mayEnd || this.#lease.lost.aborted) this.#owner.lose();
  };
}
