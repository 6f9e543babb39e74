// Would catch: an open server that takes or holds more than the documents say, where nobody chose a limit.
import { expect, it } from 'vitest';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import { MockLLMAdapter } from '@helix-agents/core/testing';
import { echo } from '../test/server-fixture.ts';
import { resolveConfig } from './agent-server-config.ts';

it('what nobody chose is as documented: 4 MiB a body, a minute for who reads nothing, no state for pages', () => {
  const [stateStore, streamManager] = [new InMemoryStateStore(), new InMemoryStreamManager()];
  const executor = new JSAgentExecutor(stateStore, streamManager, new MockLLMAdapter([]));
  const parts = { agents: { echo }, stateStore, streamManager, executor, authenticate: () => null };
  expect(resolveConfig(parts)).toMatchObject({
    maxBodyBytes: 4_194_304,
    maxStallMs: 60_000,
    challenge: 'Bearer',
    sendStatePatches: false,
  });
});
