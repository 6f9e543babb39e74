import type { StreamChunk } from '../session/chunk.ts';
import type { Durability } from './session-state-store.ts';

/** A chunk with its place: 1, 2, 3, ... in its stream. */
export interface StoredChunk {
  readonly sequence: number;
  readonly chunk: StreamChunk;
}

/** Who writes: a later epoch, or a later attempt of the same epoch, shuts out an earlier one. */
export interface StreamFence {
  readonly runId: string;
  readonly epoch: number;
  readonly attempt: number;
}

/** A page of a stream. */
export interface StreamPage {
  readonly chunks: readonly StoredChunk[];
  /** Sequence of the newest chunk that exists; 0 for none. */
  readonly last: number;
  /** Chunks up to here are no longer kept; a cursor below it is answered with no chunks. */
  readonly floor: number;
}

/** Appends to one stream under its fence. */
export interface StreamWriter {
  /** Sequence of the last chunk before the writer's own. */
  readonly startSequence: number;
  /**
   * Appends in order and answers with the sequence of the last one; at once, where the chunks are there at once. The same `batchNo`
   * of this writer again changes nothing and answers the same. Rejects, or throws, `stream_fenced` once a later fence was opened or the
   * stream deleted, and `stream_chunk_too_large` before any sequence is taken. The chunks are given away: nobody changes them afterwards.
   */
  append(batchNo: number, chunks: readonly StreamChunk[]): Promise<number> | number;
}

/**
 * Keeps what is streamed: append and follow. One stream a session, and a session under an id that another one had has another stream
 * (`streamIdOf`): an owner of a deleted one that opens its stream late shuts nobody out, and nobody reads what it writes. Its id is
 * that of the session, a dot, and a name that no other session has; of sessions of former releases, that of the session alone.
 */
export interface StreamManager {
  readonly contract: 'helix.stream-manager/2';
  /** How long an appended chunk lasts. Of `none`, no other process sees it either. */
  readonly durability: Durability;
  readonly limits: { readonly maxChunkBytes: number };
  /**
   * Raises the stream's fence; the stream is made where it does not exist. Rejects with `stream_fenced` for a lower fence; an equal one
   * is that of the same owner, and opens another writer, beside the former or in its place. Rejects with `input_invalid` for an id that
   * `checkStreamId` refuses.
   */
  openWriter(streamId: string, fence: StreamFence): Promise<StreamWriter>;
  /**
   * Chunks with `sequence > after`, at most `limit` (default 1,000), and no further than the batch by which the page is larger than
   * `maxPageCharacters`: then `last` says that there are more. A stream that does not exist is empty.
   */
  read(streamId: string, after: number, limit?: number): Promise<StreamPage>;
  /** Calls back soon after chunks arrived, `poke` was called, or the stream was deleted; returns the way to stop. May call without need. */
  watch(streamId: string, listener: () => void): () => void;
  /** Makes readers look again: the head of the session changed. */
  poke(streamId: string): void;
  /**
   * Removes chunks up to and with a sequence, and raises the floor. What the record stands for (`streamSequence` of the session) can be
   * told from there; what lies behind is lost to readers.
   */
  trim(streamId: string, upTo: number): Promise<void>;
  /**
   * Removes a stream and shuts its writer out; removing what is not there is success. With the id of a session, also each stream whose
   * id goes on with a dot: those of all sessions that were ever made under it.
   */
  deleteStream(streamId: string): Promise<void>;
}
