import type { SessionStateStore } from '@helix-agents/core';
import type { HostClass } from './owner-process.ts';

/** What a test breaks on purpose, to see that it is found. */
export interface Sabotage {
  readonly store?: (store: SessionStateStore) => SessionStateStore;
  readonly host?: HostClass;
  readonly leaseMarginMs?: number;
  readonly takeoverGraceMs?: number;
  readonly regainMs?: number;
}
