import type { ChunkWriter } from '../../stream/chunk-writer.ts';

const writersOf = new WeakMap<object, Map<string, ChunkWriter>>();

/**
 * The writers that are open in this process, the last one of each stream: whoever opens a stream shuts its writer out, with all that it
 * holds. `streams` is who keeps them.
 */
export function writersHere(streams: object): Map<string, ChunkWriter> {
  const writers = writersOf.get(streams) ?? new Map<string, ChunkWriter>();
  writersOf.set(streams, writers);
  return writers;
}
