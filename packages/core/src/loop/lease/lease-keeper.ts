import type { SessionStateStore } from '../../contracts/session-state-store.ts';
import { HelixError } from '../../errors/helix-error.ts';
import { atMost } from '../../ports/at-most.ts';
import type { RuntimePorts } from '../../ports/ports.ts';
import { HolderLease } from './holder-lease.ts';

/** How long the lease of a process outlives its last use, where other processes could see it. */
const lingerMs = 1_000;
/** How long new work waits to know whether the lease is still held. */
const doubtPatienceMs = 2_000;

/** Holds the one lease of a process for as long as somebody uses it, and opens another where it ended. */
export class LeaseKeeper {
  readonly #store: SessionStateStore;
  readonly #ports: RuntimePorts;
  /** The one that was asked for last. */
  #lease: Promise<HolderLease> | undefined;
  /** The one that was opened last, and not let go. */
  #current: HolderLease | undefined;
  /** One that ended by itself, as in an outage of the store, and was not given back yet. */
  #ended: HolderLease | undefined;
  #users = 0;
  #closes = 0;
  #cancelLinger: (() => void) | undefined;
  #closed = false;

  constructor(store: SessionStateStore, ports: RuntimePorts) {
    this.#store = store;
    this.#ports = ports;
  }

  /** Whether it was closed, and asked for no lease since. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Does something under a lease that stays held meanwhile. */
  async underLease<T>(work: (lease: HolderLease) => Promise<T>): Promise<T> {
    this.#closed = false;
    const release = this.keep();
    try {
      return await work(await this.#held());
    } finally {
      release();
    }
  }

  /** Keeps the lease, once there is one, until the answer is called. */
  keep(): () => void {
    this.#cancelLinger?.();
    this.#users += 1;
    return () => {
      this.#users -= 1;
      this.#linger();
    };
  }

  /** Gives the lease back, whoever uses it. Never rejects, and is over soon: a lease that cannot be given back ends by itself. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#closes += 1;
    this.#cancelLinger?.();
    const [held, current] = [this.#lease, this.#current];
    // At once: whoever asks meanwhile opens one of its own, which is given back like any other. And whoever waits to know whether
    // this one is still held need not know any more.
    this.#lease = undefined;
    this.#current = undefined;
    const closing = Promise.all([current?.close(), this.#ended?.close()]);
    const lease = await held?.catch(() => undefined);
    await Promise.all([closing, lease === current ? undefined : lease?.close()]);
  }

  /** One lease, also for callers at once: each looks at what the one before it left. A second would never be given back. */
  #held(): Promise<HolderLease> {
    this.#lease = this.#heldAfter(this.#lease);
    return this.#lease;
  }

  async #heldAfter(before: Promise<HolderLease> | undefined): Promise<HolderLease> {
    const closes = this.#closes;
    const earlier = await before?.catch(() => undefined);
    // What was asked for before a close is the business of that close.
    const current = closes === this.#closes ? this.#current : earlier;
    if (current && (await this.#isSafe(current))) return current;
    this.#ended = current ?? this.#ended;
    await this.#ended?.giveBack();
    this.#ended = undefined;
    const opened = await HolderLease.open(this.#store, this.#ports);
    // A close that came meanwhile closes it, too, and does not know of it yet.
    if (closes !== this.#closes) await opened.close();
    else this.#current = opened;
    return opened;
  }

  /** Whether it may be used, else it has ended; what is not known is waited for, and refused where it is not told for a while. */
  async #isSafe(lease: HolderLease): Promise<boolean> {
    if (lease.mayStartEffect()) return true;
    const known = lease.untilSafe().catch(() => {});
    if (!(await atMost(this.#ports.clock, doubtPatienceMs, known)))
      throw new HelixError('state_store_unavailable', 'it is not known whether this process still has its lease');
    return lease.mayStartEffect();
  }

  /** An idle process holds no lease, so that nothing of it stays open. */
  #linger(): void {
    this.#cancelLinger?.();
    if (this.#users > 0 || !this.#current) return;
    if (this.#store.durability === 'none') return this.#letGo();
    this.#cancelLinger = this.#ports.clock.after(lingerMs, () => this.#letGo());
  }

  #letGo(): void {
    const lease = this.#current;
    this.#lease = undefined;
    this.#current = undefined;
    if (lease?.lost.aborted) this.#ended = lease;
    else void lease?.close();
  }
}
