import type { ChunkBody } from '../../session/chunk.ts';
import type { ChunkPlace } from '../../stream/chunk-buffer.ts';

/** Where an owner's chunks go. Writing is synchronous and cheap; a sink that was fenced swallows everything. */
export interface ChunkSink {
  /** Position of the stream, with what is not flushed yet. */
  readonly sequence: number;
  /** Up to where that is sure; undefined where all of it is. */
  readonly sure: number | undefined;
  write(body: ChunkBody, place: ChunkPlace): void;
  /** Resolves when everything written so far is in the stream, or given up. */
  flush(): Promise<void>;
  /** A commit is about to say that it stands for the stream up to here. */
  stands(sequence: number): void;
  /** Whether everything written so far is in the stream. */
  readonly flushed: boolean;
}

/** A sink that can be closed: what it holds is written, then it writes nothing more. */
export interface OpenChunkSink extends ChunkSink {
  close(): Promise<void>;
}
