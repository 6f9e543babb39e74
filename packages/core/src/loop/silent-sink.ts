import type { ChunkSink } from './owner.ts';

/** Writes nothing. */
export function silentSink(sequence: number): ChunkSink & { close(): Promise<void> } {
  return { sequence, flushed: true, write: () => {}, flush: async () => {}, close: async () => {} };
}
