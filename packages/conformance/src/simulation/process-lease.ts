import { HelixError, type LeaseGuard, type RuntimePorts, type SessionLeases } from '@helix-agents/core';

/** The lease of one simulated process, by the rule that every runtime keeps: by the larger of wall and monotonic time. */
export class ProcessLease implements LeaseGuard {
  readonly holderId: string;
  readonly #store: SessionLeases;
  readonly #ports: RuntimePorts;
  readonly #lost = new AbortController();
  #confirmed: Moment;
  #renewal: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;

  private constructor(holderId: string, store: SessionLeases, ports: RuntimePorts, confirmed: Moment) {
    this.holderId = holderId;
    this.#store = store;
    this.#ports = ports;
    this.#confirmed = confirmed;
    this.#schedule();
  }

  static async open(store: SessionLeases, ports: RuntimePorts): Promise<ProcessLease> {
    const holderId = ports.ids.next('own');
    const asked = momentOf(ports);
    let lose = () => {};
    await store.openHolder({ holderId, leaseMs: ports.limits.leaseMs, onLost: () => lose() });
    const lease = new ProcessLease(holderId, store, ports, asked);
    lose = () => lease.#end();
    return lease;
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  mayStartEffect(): boolean {
    const { leaseMs, leaseMarginMs } = this.#ports.limits;
    return !this.lost.aborted && this.#sinceConfirmed() < leaseMs - leaseMarginMs;
  }

  async untilSafe(): Promise<void> {
    while (!this.mayStartEffect()) {
      if (this.lost.aborted) throw new HelixError('state_lease_lost', `the lease ${this.holderId} has ended`);
      await this.#renew();
    }
  }

  async close(): Promise<void> {
    if (this.lost.aborted) return;
    this.#end();
    await this.#store.closeHolder(this.holderId);
  }

  #schedule(): void {
    this.#cancelTimer = this.#ports.clock.after(this.#ports.limits.renewMs, () => {
      void this.#renew().then(() => this.lost.aborted || this.#schedule());
    });
  }

  #renew(): Promise<void> {
    this.#renewal ??= this.#askForRenewal().finally(() => (this.#renewal = undefined));
    return this.#renewal;
  }

  async #askForRenewal(): Promise<void> {
    const asked = momentOf(this.#ports);
    try {
      if (!(await this.#store.renewHolder(this.holderId))) return this.#end();
      this.#confirmed = asked;
    } catch {
      await this.#ports.clock.sleep(Math.min(1_000, this.#ports.limits.renewMs));
    }
    if (this.#sinceConfirmed() >= this.#ports.limits.leaseMs) this.#end();
  }

  #sinceConfirmed(): number {
    const now = momentOf(this.#ports);
    return Math.max(now.wall - this.#confirmed.wall, now.monotonic - this.#confirmed.monotonic);
  }

  #end(): void {
    this.#cancelTimer?.();
    this.#lost.abort(ended);
  }
}

/** Made once: an abort without a reason makes an exception each time. */
const ended = new HelixError('state_lease_lost', 'the lease has ended');

interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

function momentOf({ clock }: RuntimePorts): Moment {
  return { wall: clock.now(), monotonic: clock.monotonic() };
}
