import type { LLMAdapter } from '@helix-agents/core';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import { PostgresStateStore, PostgresStreamManager } from '@helix-agents/store-postgres';
import { openAccess, type Way } from './access.ts';

/** A lease for those that only the clock ends, and how soon others may take what it covered. */
const byTheClock = { limits: { leaseMs: 3_000, renewMs: 600, leaseMarginMs: 500 }, takeoverGraceMs: 500 };

/** What a process has: its access, both stores, an executor. */
export function openProcess(way: Way, model: LLMAdapter) {
  const access = openAccess(way);
  const { options } = access;
  const hasLock = options.port.session && !options.poll;
  const { limits, ...more } = hasLock ? { limits: {} } : byTheClock;
  const store = new PostgresStateStore({ ...options, ...more });
  const streams = new PostgresStreamManager(options);
  const executor = new JSAgentExecutor(store, streams, model, { limits });
  return {
    store,
    executor,
    close: async () => {
      await executor.close();
      await store.close();
      streams.close();
      await access.close();
    },
  };
}
