// Would catch: a stream in memory that loses, repeats or reorders chunks, or lets a writer go on that was shut out.
import { streamManagerSuite } from '@helix-agents/conformance';
import { InMemoryStreamManager } from './in-memory-stream-manager.ts';

streamManagerSuite('in memory', () => ({ manager: new InMemoryStreamManager(), close: async () => {} }));
streamManagerSuite('in memory, with small chunks', () => ({
  manager: new InMemoryStreamManager({ maxChunkBytes: 1024 }),
  close: async () => {},
}));
