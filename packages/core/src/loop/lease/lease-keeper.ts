import type { SessionStateStore } from '../../contracts/session-state-store.ts';
import { HelixError } from '../../errors/helix-error.ts';
import { atMost } from '../../ports/at-most.ts';
import type { RuntimePorts } from '../../ports/ports.ts';
import { closed, HolderLease } from './holder-lease.ts';

/** How long the lease of a process outlives its last use, where other processes could see it. */
const lingerMs = 1_000;
/** How long new work waits to know whether the lease is still held. */
const doubtPatienceMs = 2_000;

/** Holds the one lease of a process for as long as somebody uses it, and opens another where it ended. */
export class LeaseKeeper {
  readonly #store: SessionStateStore;
  readonly #ports: RuntimePorts;
  /** The next one, while it is being opened. */
  #opening: Promise<HolderLease> | undefined;
  /** The one that was opened last, and not let go. */
  #current: HolderLease | undefined;
  /** One that ended by itself, as in an outage of the store, and was not given back yet. */
  #ended: HolderLease | undefined;
  #users = 0;
  #closes = 0;
  #cancelLinger: (() => void) | undefined;
  #closed = false;
  /** The close that was asked for last, with those before it. */
  #closing: Promise<void> | undefined;

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

  /**
   * Gives the lease back, whoever uses it, once what is under way under it has ended. Never rejects, and is over soon after that: a lease
   * that cannot be given back ends by itself.
   */
  async close(drained: () => Promise<unknown>): Promise<void> {
    this.#closed = true;
    this.#closes += 1;
    this.#cancelLinger?.();
    const [opening, current] = [this.#opening, this.#current];
    // At once: whoever asks meanwhile opens one of its own, which is given back like any other.
    this.#opening = undefined;
    this.#current = undefined;
    // One that is being opened sees that it is not wanted any more; and who closes twice waits for both.
    const others = [this.#closing, this.#ended?.close(), opening?.catch(() => {})];
    this.#closing = untilAll([current && closeDrained(current, drained), ...others]);
    await this.#closing;
  }

  /** One lease, also for callers at once: a second would never be given back. Each waits by itself where it is in doubt. */
  async #held(): Promise<HolderLease> {
    const closes = this.#closes;
    while (this.#current && !this.#current.mayStartEffect() && !this.#current.lost.aborted)
      await this.#untilKnown(this.#current);
    if (closes !== this.#closes) throw closed;
    if (this.#current?.mayStartEffect()) return this.#current;
    const opening = this.#opening ?? this.#open();
    this.#opening = opening;
    return opening.finally(() => {
      if (this.#opening === opening) this.#opening = undefined;
    });
  }

  async #open(): Promise<HolderLease> {
    const closes = this.#closes;
    this.#ended = this.#current ?? this.#ended;
    await this.#ended?.giveBack();
    this.#ended = undefined;
    const opened = await HolderLease.open(this.#store, this.#ports);
    if (closes !== this.#closes) {
      await opened.close();
      throw closed;
    }
    this.#current = opened;
    return opened;
  }

  /** Resolves once the lease may be used, or has ended; refuses where nobody tells for a while. */
  async #untilKnown(lease: HolderLease): Promise<void> {
    const known = lease.untilSafe().catch(() => {});
    if (await atMost(this.#ports.clock, doubtPatienceMs, known)) return;
    throw new HelixError('state_store_unavailable', 'it is not known whether this process still has its lease');
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
    this.#current = undefined;
    if (lease?.lost.aborted) this.#ended = lease;
    else void lease?.close();
  }
}

async function closeDrained(lease: HolderLease, drained: () => Promise<unknown>): Promise<void> {
  lease.beginClose();
  await drained();
  await lease.close();
}

/** Answers nothing: each close would keep the answers of all those before it. */
async function untilAll(work: readonly unknown[]): Promise<void> {
  await Promise.all(work);
}
