/** Bounds of the loop; exceeding one of the first group is a typed tool result, never a crash. */
export interface Limits {
  /** Bytes of one tool result as JSON, and of the data of one event or usage entry. Default 1 MiB. */
  readonly maxResultBytes: number;
  /** Bytes of the arguments of one call as JSON. Default 256 KiB. */
  readonly maxArgumentsBytes: number;
  /** Calls in one reply. Default 64. */
  readonly maxCallsPerStep: number;
  /** Bytes of one user message. Default 1 MiB. */
  readonly maxMessageBytes: number;

  /** How long an owner's lease lasts without renewal. Default 30 s. */
  readonly leaseMs: number;
  /** How often it is renewed. Default 10 s. */
  readonly renewMs: number;
  /** An owner starts no effect in the last part of its lease. Default 5 s. */
  readonly leaseMarginMs: number;
  /** Bodies of a `replay: 'safe'` call, over all owners. Default 3. */
  readonly maxBodies: number;
  /** How long a stop waits for tool bodies, hooks and judges that were told to stop. Default 2 s. */
  readonly stopGraceMs: number;
  /** How long a close lets tool bodies end by themselves, and keeps what they come to, before it tells them to stop. Default 5 s. */
  readonly drainMs: number;
  /** First wait before a failed model call is repeated; doubles, with jitter. Default 1 s. */
  readonly backoffMs: number;
  /** Longest wait before a failed model call is repeated, unless the provider asks for more. Default 30 s. */
  readonly maxBackoffMs: number;
  /** Longest wait that a provider may ask for. One that asks for more ends the run, which `retry` continues. Default 15 min. */
  readonly maxRetryAfterMs: number;
}

/** The limits where a caller sets none. */
export const defaultLimits: Limits = {
  maxResultBytes: 1024 * 1024,
  maxArgumentsBytes: 256 * 1024,
  maxCallsPerStep: 64,
  maxMessageBytes: 1024 * 1024,
  leaseMs: 30_000,
  renewMs: 10_000,
  leaseMarginMs: 5_000,
  maxBodies: 3,
  stopGraceMs: 2_000,
  drainMs: 5_000,
  backoffMs: 1_000,
  maxBackoffMs: 30_000,
  maxRetryAfterMs: 15 * 60_000,
};

/**
 * Characters of JSON after which a page of a stream ends, and so does a batch that waits to be written: what a reader holds at once
 * does not depend on how large the results of tools are.
 */
export const maxPageCharacters = 1024 * 1024;

/** A store lets another owner take a session this long after a lease ended by the clock alone. */
export const takeoverGraceMs = 10_000;
