import type { ChunkSink } from '../owner/chunk-sink.ts';

/** Writes nothing. */
export function silentSink(sequence: number): ChunkSink {
  return { sequence, flushed: true, write: () => {}, flush: async () => {} };
}
