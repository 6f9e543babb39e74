import type { ChunkSink } from '../owner/chunk-sink.ts';

/** Writes nothing. */
export function silentSink(sequence: number): ChunkSink {
  return { sequence, sure: undefined, flushed: true, write: () => {}, flush: async () => {}, stands: () => {} };
}
