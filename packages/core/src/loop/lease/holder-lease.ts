import type { SessionLeases } from '../../contracts/session-state-store.ts';
import { HelixError } from '../../errors/helix-error.ts';
import { atMost } from '../../ports/at-most.ts';
import { Outage } from '../../ports/outage.ts';
import type { RuntimePorts } from '../../ports/ports.ts';
import type { OwnerLease } from './lease-guard.ts';

/** How soon a renewal that failed is asked for again where the lease is in doubt: another process may be about to take it. */
const doubtPauseMs = 200;
/** How long a store is waited for that is told of the end of a lease. */
const giveBackPatienceMs = 5_000;

const outageWords = { begins: 'the lease could not be renewed', ends: 'the lease is renewed again' };

/**
 * This process's lease: one for all its sessions, renewed in one row.
 *
 * 1. Time since a renewal counts from when it was asked for, by the larger of wall and monotonic time.
 * 2. In the last part of the lease no effect starts; what was renewed too late is never used again.
 * 3. Where the store doubts it, no effect starts until a renewal that was asked for afterwards says that it is still ours. What is
 *    under way goes on: a connection that was lost is no lease that was lost.
 * 4. A lease ends once. Whoever needs one afterwards opens another.
 * 5. Who closes lets nothing more begin under it, and renews it while what has begun ends.
 * 6. It is given back, also where it ended by time, once the bodies under it have ended, or did not in the grace of a stop: whoever
 *    takes a session may verify or repeat what they do.
 */
export class HolderLease implements OwnerLease {
  readonly holderId: string;
  readonly #store: SessionLeases;
  readonly #ports: RuntimePorts;
  readonly #lost = new AbortController();
  readonly #ending = new AbortController();
  #isEnding = false;
  #confirmed: Moment;
  /** How often the store doubted it, and how many of these doubts are settled. */
  #doubts = 0;
  #settledDoubts = 0;
  #renewal: Promise<void> | undefined;
  readonly #outage: Outage;
  /** Ends the wait for a renewal: nobody waits for the answer about a lease that has ended. */
  #leaveRenewal = () => {};
  #cancelTimer: (() => void) | undefined;
  #givenBack: Promise<void> | undefined;
  readonly #bodies = new Set<Promise<unknown>>();

  private constructor(holderId: string, store: SessionLeases, ports: RuntimePorts, confirmed: Moment) {
    this.holderId = holderId;
    this.#store = store;
    this.#ports = ports;
    this.#confirmed = confirmed;
    this.#outage = new Outage(ports, outageWords, { holderId });
    this.#schedule();
  }

  /** Registers a new holder with the store. Rejects where the store cannot be reached. */
  static async open(store: SessionLeases, ports: RuntimePorts): Promise<HolderLease> {
    const holderId = ports.ids.next('own');
    const asked = momentOf(ports);
    const { leaseMs } = ports.limits;
    let lease: HolderLease | undefined;
    const early: ((opened: HolderLease) => void)[] = [];
    const tell = (what: (opened: HolderLease) => void) => (lease ? what(lease) : void early.push(what));
    await store.openHolder({
      holderId,
      leaseMs,
      onLost: () => tell((opened) => opened.#end()),
      onDoubt: () => tell((opened) => opened.#doubt()),
    });
    lease = new HolderLease(holderId, store, ports, asked);
    // What was told before the answer came is as true.
    for (const what of early) what(lease);
    return lease;
  }

  /** Aborted when the lease ended, with the reason: sessions under it may have other owners. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Aborted when nothing more may begin under it: it ended, or whoever holds it closes. What is under way then may end, and be written,
   * until it is lost.
   */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  /** The same as the signal says, at a fraction of its cost: each step asks. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  mayStartEffect(): boolean {
    const { leaseMs, leaseMarginMs } = this.#ports.limits;
    return !this.lost.aborted && !this.#isInDoubt() && this.#sinceConfirmed() < leaseMs - leaseMarginMs;
  }

  async untilSafe(): Promise<void> {
    while (!this.mayStartEffect()) {
      if (this.lost.aborted) throw new HelixError('state_lease_lost', `the lease ${this.holderId} has ended`);
      await this.#renew();
    }
  }

  holds(body: Promise<unknown>): void {
    this.#bodies.add(body);
    const ended = () => this.#bodies.delete(body);
    body.then(ended, ended);
  }

  /** Lets nothing more begin under it. It is renewed until it is closed. */
  beginClose(): void {
    this.#isEnding = true;
    this.#ending.abort(closed);
  }

  /** Tells bodies to stop, waits for them as a stop does, and lets go of every session. Never rejects: a lease that cannot be given back ends by itself. */
  async close(): Promise<void> {
    this.#end(closed);
    await this.#tryToGiveBack();
  }

  /**
   * Lets go of what an ended lease left: its sessions are free at once, and not only when the store sees that it has ended. Rejects
   * where the store cannot be told, or does not answer soon.
   */
  giveBack(): Promise<void> {
    this.#givenBack ??= this.#letGo().catch((error: unknown) => {
      this.#givenBack = undefined;
      throw error;
    });
    return this.#givenBack;
  }

  async #letGo(): Promise<void> {
    const { clock, limits } = this.#ports;
    if (this.#bodies.size > 0) await atMost(clock, limits.stopGraceMs, Promise.allSettled(this.#bodies));
    const told = this.#store.closeHolder(this.holderId);
    if (await atMost(clock, giveBackPatienceMs, told)) return;
    throw new HelixError(
      'state_store_unavailable',
      `the store was told of the end of ${this.holderId}, and does not answer`,
    );
  }

  /** For whoever ends: it cannot do more than try, and a lease that is renewed by nobody ends by itself. */
  async #tryToGiveBack(): Promise<void> {
    const { holderId } = this;
    const untold = (error: unknown) =>
      this.#ports.logger.log('warn', 'a lease could not be given back; it ends by itself', { holderId, error });
    await this.giveBack().catch(untold);
  }

  /** A renewal that failed is repeated as soon as its pause is over. */
  #schedule(): void {
    const { clock, limits } = this.#ports;
    const isFresh = !this.#isInDoubt() && this.#sinceConfirmed() < limits.renewMs;
    this.#cancelTimer?.();
    this.#cancelTimer = clock.after(isFresh ? limits.renewMs : 0, () => {
      void this.#renew().then(() => this.lost.aborted || this.#schedule());
    });
  }

  #doubt(): void {
    if (this.lost.aborted) return;
    this.#doubts += 1;
    this.#schedule();
  }

  #isInDoubt(): boolean {
    return this.#settledDoubts < this.#doubts;
  }

  /** One renewal at a time. A lost packet is no lost lease; time alone, or the store's word, is. */
  #renew(): Promise<void> {
    this.#renewal ??= new Promise<void>((resolve, reject) => {
      this.#leaveRenewal = resolve;
      this.#askForRenewal().then(resolve, reject);
    }).finally(() => (this.#renewal = undefined));
    return this.#renewal;
  }

  async #askForRenewal(): Promise<void> {
    const asked = momentOf(this.#ports);
    const doubts = this.#doubts;
    try {
      const renewed = this.#store.renewHolder(this.holderId);
      if (!(await this.#inTime(renewed))) return this.#lapse();
      if (!(await renewed)) return this.#end();
      this.#confirmed = asked;
      this.#settledDoubts = doubts;
      this.#outage.answered();
    } catch (error) {
      this.#outage.failed(error);
      const pauseMs = this.#isInDoubt() ? doubtPauseMs : 1_000;
      await this.#ports.clock.sleep(Math.min(pauseMs, this.#ports.limits.renewMs));
    }
    if (this.#sinceConfirmed() >= this.#ports.limits.leaseMs) this.#lapse();
  }

  /** Whether the store answers before the lease ends: one that never does must not keep that from whoever works under it. */
  #inTime(answer: Promise<unknown>): Promise<boolean> {
    const { clock, limits } = this.#ports;
    return atMost(clock, Math.max(0, limits.leaseMs - this.#sinceConfirmed()), answer);
  }

  #sinceConfirmed(): number {
    const now = momentOf(this.#ports);
    return Math.max(now.wall - this.#confirmed.wall, now.monotonic - this.#confirmed.monotonic);
  }

  /** By time alone: to the store it may have a future yet, in which it would keep the sessions from everybody. */
  #lapse(): void {
    if (this.lost.aborted) return;
    this.#end();
    void this.#tryToGiveBack();
  }

  #end(why = ended): void {
    this.#cancelTimer?.();
    this.#isEnding = true;
    this.#ending.abort(why);
    this.#lost.abort(why);
    this.#leaveRenewal();
  }
}

/** Made once: an abort without a reason makes an exception each time. */
const ended = /* @__PURE__ */ new HelixError('state_lease_lost', 'the lease has ended');
/** Why a lease ended, or was never there, whose executor was closed. */
export const closed = /* @__PURE__ */ new HelixError('state_lease_lost', 'the executor was closed');

interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

function momentOf({ clock }: RuntimePorts): Moment {
  return { wall: clock.now(), monotonic: clock.monotonic() };
}
