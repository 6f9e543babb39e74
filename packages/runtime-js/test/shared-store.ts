import type { Agent, HolderRequest } from '@helix-agents/core';
import { MockLLMAdapter, type MockStep } from '@helix-agents/core/testing';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import { JSAgentExecutor, type JSAgentExecutorOptions } from '../src/index.ts';

/** Processes over one store. */
export function shared() {
  const store = new InMemoryStateStore();
  const streams = new InMemoryStreamManager();
  const executor = (script: readonly MockStep[], options: JSAgentExecutorOptions = {}) =>
    new JSAgentExecutor(store, streams, new MockLLMAdapter(script), {
      limits: { stopGraceMs: 20, drainMs: 20 },
      ...options,
    });
  return { store, streams, executor };
}

/** The holders that are opened from now on. */
export function holdersOf(store: InMemoryStateStore): readonly HolderRequest[] {
  const holders: HolderRequest[] = [];
  const openHolder = store.openHolder.bind(store);
  store.openHolder = async (request) => {
    holders.push(request);
    await openHolder(request);
  };
  return holders;
}

/** Begins a run in a process that leaves it, once something has begun there. */
export async function leave<S, O>(
  process: JSAgentExecutor,
  agent: Agent<S, O>,
  begun?: Promise<unknown>,
): Promise<void> {
  await process.execute(agent, 'Hi', { sessionId: 's' });
  await begun;
  await process.close();
}
