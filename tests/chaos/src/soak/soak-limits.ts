/** Short, so that a pause of a process soon outlasts its lease. */
export const soakLimits = {
  leaseMs: 3_000,
  renewMs: 700,
  leaseMarginMs: 700,
  stopGraceMs: 500,
  backoffMs: 50,
  maxBackoffMs: 400,
};

export const storeTimeouts = { statementTimeoutMs: 1_500, commitTimeoutMs: 3_000, takeoverGraceMs: 1_000 };
