// Would catch: a stream in memory that loses, repeats or reorders chunks, or lets a writer go on that was shut out.
import { streamManagerSuite } from '@helix-agents/conformance';
import { expect, test } from 'vitest';
import { InMemoryStateStore } from './in-memory-state-store.ts';
import { InMemoryStreamManager } from './in-memory-stream-manager.ts';

streamManagerSuite('in memory', () => ({ manager: new InMemoryStreamManager(), close: async () => {} }));
streamManagerSuite('in memory, with small chunks', () => ({
  manager: new InMemoryStreamManager({ maxChunkBytes: 1024 }),
  close: async () => {},
}));

test('a misspelt option is refused, with the one that was meant', () => {
  const [bytes, grace] = [{ maxChunkByte: 1 }, { takeoverGrace: 1 }];
  expect(() => new InMemoryStreamManager(bytes as object)).toThrow('did you mean maxChunkBytes?');
  expect(() => new InMemoryStateStore(grace as object)).toThrow('did you mean takeoverGraceMs?');
});
