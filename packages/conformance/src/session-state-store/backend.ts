import type { SessionStateStore } from '@helix-agents/core';

/** A store under test. */
export interface SessionStateStoreBackend {
  readonly store: SessionStateStore;
  /** Moves the store's clock on; absent where nobody can, and tests that need it are skipped. */
  advance?(ms: number): void | Promise<void>;
  /** Unix ms by the store's clock. Default: the system's. */
  now?(): number;
  close(): Promise<void>;
}

/** The opened backend; only to be called inside a test. */
export type Opened = () => SessionStateStoreBackend;

export function nowOf(backend: SessionStateStoreBackend): number {
  return backend.now?.() ?? Date.now();
}
