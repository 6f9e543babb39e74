import type { HolderRequest } from '@helix-agents/core';

interface Holder {
  leaseUntil: number;
  readonly leaseMs: number;
  onLost: (() => void) | undefined;
}

/** The processes that may own sessions, by the store's clock. */
export class Holders {
  readonly #holders = new Map<string, Holder>();
  readonly #graceMs: number;

  /** @param graceMs how long after the end of a lease its sessions stay with a holder that did not close */
  constructor(graceMs: number) {
    this.#graceMs = graceMs;
  }

  open({ holderId, leaseMs, onLost }: HolderRequest, now: number): void {
    this.#holders.set(holderId, { leaseMs, leaseUntil: now + leaseMs, onLost });
  }

  renew(holderId: string, now: number): boolean {
    const holder = this.#holders.get(holderId);
    if (!holder) return false;
    if (holder.leaseUntil <= now) {
      tellLost(holder);
      return false;
    }
    holder.leaseUntil = now + holder.leaseMs;
    return true;
  }

  close(holderId: string): void {
    this.#holders.delete(holderId);
  }

  /** From when on others may take the sessions of a holder; 0 for one that closed or was never open. */
  freeAt(holderId: string): number {
    const holder = this.#holders.get(holderId);
    return holder ? holder.leaseUntil + this.#graceMs : 0;
  }

  /** A session was taken from it: it must not renew as if nothing had happened. */
  lose(holderId: string): void {
    const holder = this.#holders.get(holderId);
    this.#holders.delete(holderId);
    if (holder) tellLost(holder);
  }
}

function tellLost(holder: Holder): void {
  const { onLost } = holder;
  holder.onLost = undefined;
  // Who fails at it has nobody to tell, and must not end the process.
  if (onLost)
    void Promise.resolve()
      .then(onLost)
      .catch(() => {});
}
