/** Whether this process may still act for its sessions. */
export interface LeaseGuard {
  /** True while the last confirmed renewal is younger than the lease less its margin. */
  mayStartEffect(): boolean;
  /** Resolves when an effect may start again; rejects with `state_lease_lost`. */
  untilSafe(): Promise<void>;
}

/** The lease that an owner acts under. */
export interface OwnerLease extends LeaseGuard {
  /** Whether nothing more may begin. */
  readonly isEnding: boolean;
  /** A body runs: the lease is not given back before it ended. */
  holds(body: Promise<unknown>): void;
}
