import type { ChunkSink } from './owner.ts';

/** Writes nothing. */
export function silentSink(sequence: number): ChunkSink {
  return { sequence, flushed: true, write: () => {}, flush: async () => {} };
}
