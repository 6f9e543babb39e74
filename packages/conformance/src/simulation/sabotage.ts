import type { SessionStateStore } from '@helix-agents/core';
import type { InMemoryStreamManager } from '@helix-agents/store-memory';
import type { HostClass } from './processes/owner-process.ts';

/** What a test breaks on purpose, to see that it is found. */
export interface Sabotage {
  readonly store?: (store: SessionStateStore) => SessionStateStore;
  readonly streams?: new () => InMemoryStreamManager;
  readonly host?: HostClass;
  readonly leaseMarginMs?: number;
  readonly takeoverGraceMs?: number;
  readonly regainMs?: number;
}
