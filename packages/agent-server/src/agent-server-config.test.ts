// Would catch: an open server that takes or holds more than the documents say, where nobody chose a limit; one that reads where
// its executor does not write.
import type { AgentExecutor } from '@helix-agents/core';
import { expect, it } from 'vitest';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import { MockLLMAdapter } from '@helix-agents/core/testing';
import { echo } from '../test/server-fixture.ts';
import { resolveConfig } from './agent-server-config.ts';

function inMemory() {
  const [stateStore, streamManager] = [new InMemoryStateStore(), new InMemoryStreamManager()];
  return {
    stateStore,
    streamManager,
    executor: new JSAgentExecutor(stateStore, streamManager, new MockLLMAdapter([])),
  };
}

const open = { agents: { echo }, allowUnauthenticated: true };

it('what nobody chose is as documented: 4 MiB a body, a minute for who reads nothing, no state for pages', () => {
  const parts = { agents: { echo }, ...inMemory(), authenticate: () => null };
  expect(resolveConfig(parts)).toMatchObject({
    maxBodyBytes: 4_194_304,
    maxStallMs: 60_000,
    challenge: 'Bearer',
    sendStatePatches: false,
  });
});

it.each([
  ['nothing', undefined, 'AgentServer: takes an object with agents, stateStore,'],
  ['no agents', { ...open, ...inMemory(), agents: undefined }, 'AgentServer: agents is missing'],
  ['no executor', { ...open, ...inMemory(), executor: undefined }, 'AgentServer: executor is missing'],
  ['no state store', { ...open, ...inMemory(), stateStore: undefined }, 'AgentServer: stateStore is missing'],
  ['no stream manager', { ...open, ...inMemory(), streamManager: null }, 'AgentServer: streamManager is missing'],
  [
    'a sign-in that is none',
    { ...inMemory(), ...open, authenticate: 'Bearer' },
    'AgentServer: authenticate must be a function',
  ],
  [
    'a judge that is none',
    { ...inMemory(), ...open, authorizeSession: true },
    'AgentServer: authorizeSession must be a function',
  ],
])('a server that is given %s is refused by name', (_, given, message) => {
  const refusal = { code: 'input_invalid', message: expect.stringContaining(message) as string };
  expect(() => resolveConfig(given as never)).toThrow(expect.objectContaining(refusal));
});

it.each(['stateStore', 'streamManager'] as const)(
  'a %s in memory that is not the one of the executor is refused: nobody would see what it runs',
  (part) => {
    const other = { ...inMemory(), [part]: inMemory()[part] };
    expect(() => resolveConfig({ ...open, ...other })).toThrow(
      expect.objectContaining({
        code: 'input_invalid',
        message: `AgentServer: ${part} is not the one of the executor: what it runs would be seen by nobody; give both the same`,
      }),
    );
  },
);

it('stores of an executor that keeps to itself what it works over, or that may be shared, are taken as they are', () => {
  const { stateStore, streamManager, executor } = inMemory();
  const elsewhere = { execute: () => {} } as unknown as AgentExecutor;
  expect(resolveConfig({ ...open, stateStore, streamManager, executor: elsewhere })).toMatchObject({ stateStore });
  const durable = () => Object.assign(new InMemoryStateStore(), { durability: 'commit' as never });
  const shared = new JSAgentExecutor(durable(), executor.streamManager, new MockLLMAdapter([]));
  expect(resolveConfig({ ...open, stateStore: durable(), streamManager, executor: shared })).toMatchObject({});
  expect(() => resolveConfig({ ...open, stateStore, streamManager, executor: shared })).toThrow(
    'not the one of the executor',
  );
});
