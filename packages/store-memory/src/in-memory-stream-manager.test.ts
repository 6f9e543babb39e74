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

test('who deletes the stream of a session looks at no other', async () => {
  const manager = new InMemoryStreamManager();
  const idsOf = (name: string, count: number) => Array.from({ length: count }, (_, n) => `${name}-${n}.run`);
  const open = async (ids: string[]) => {
    for (const id of ids) await manager.openWriter(id, { runId: 'r', epoch: 1, attempt: 1 });
  };
  const timeOfDeleting = async (ids: string[]) => {
    const since = performance.now();
    for (const id of ids) await manager.deleteStream(id);
    return performance.now() - since;
  };
  const [few, among] = [idsOf('few', 300), idsOf('among', 300)];
  await open(few);
  const alone = await timeOfDeleting(few);
  await open([...idsOf('other', 30_000), ...among]);
  expect(await timeOfDeleting(among)).toBeLessThan(20 * alone + 50);
});
