import {
  checkStreamId,
  HelixError,
  type StoredChunk,
  type StreamChunk,
  type StreamFence,
  type StreamManager,
  type StreamPage,
  type StreamWriter,
} from '@helix-agents/core';
import { Coalescer } from '../batching/coalescer.ts';
import { WriteLane } from '../batching/write-lane.ts';
import { SharedReads } from '../batching/shared-reads.ts';
import { placeAfter } from '../database/place-after.ts';
import { notifierOf } from '../signals/notifier.ts';
import { ScopedSignals } from '../signals/scoped-signals.ts';
import { resolveOptions, type PostgresOptions, type ResolvedOptions } from '../store-options.ts';
import { chunksTo, type ChunkBatch } from './chunk-batch.ts';
import { PostgresStreamWriter } from './postgres-stream-writer.ts';
import { findBatch } from './sql/find-batch.ts';
import { openWriter } from './sql/open-writer.ts';
import { readChunks } from './sql/read-chunks.ts';
import { trimStream } from './sql/remove-chunks.ts';
import { StreamRemover } from './stream-remover.ts';

/** How streams are kept; the connection is the state store's. */
export interface PostgresStreamOptions extends PostgresOptions {
  /** Largest chunk, in bytes of its JSON as UTF-8. Default 2 MiB: a tool result and what surrounds it. */
  readonly maxChunkBytes?: number | undefined;
  /**
   * `commit`: a chunk that was appended outlives a crash of the database. `second`: twice as fast on slow disks, but a crash may take
   * what was appended in its last second, after readers saw it, and give its sequences to other chunks; what a commit stands on is
   * safe either way. Default `commit`.
   */
  readonly chunkDurability?: 'commit' | 'second' | undefined;
}

/** Keeps streams in Postgres: a row a batch. Readers take pages when they like; a writer never waits for one. */
export class PostgresStreamManager implements StreamManager {
  readonly contract = 'helix.stream-manager/2';
  readonly durability: 'commit' | 'second';
  readonly limits: { readonly maxChunkBytes: number };
  readonly #options: ResolvedOptions;
  readonly #signals: ScopedSignals;
  readonly #appends: Coalescer<ChunkBatch, number | null>;
  readonly #reads = new SharedReads<StreamPage>();
  readonly #remover: StreamRemover;
  readonly #sql;

  /** @throws HelixError `input_invalid`, naming the option */
  constructor({ maxChunkBytes = 2 * 1024 * 1024, chunkDurability = 'commit', ...given }: PostgresStreamOptions) {
    const options = resolveOptions(given);
    const { tables } = options;
    this.durability = chunkDurability;
    this.limits = { maxChunkBytes };
    this.#options = options;
    this.#signals = new ScopedSignals(notifierOf(options), 'stream', options.scope);
    this.#appends = new Coalescer(new WriteLane(options, chunksTo(tables, chunkDurability === 'commit')));
    this.#remover = new StreamRemover(options);
    this.#sql = {
      open: openWriter(tables),
      find: findBatch(tables),
      read: readChunks(tables),
      trim: trimStream(tables),
    };
  }

  async openWriter(streamId: string, fence: StreamFence): Promise<StreamWriter> {
    checkStreamId(streamId);
    const { database, scope } = this.#options;
    const values = [scope, streamId, fence.epoch, fence.attempt];
    for (;;) {
      // May be repeated: a row whose answer was lost is one of a writer that never writes.
      const [opened] = await database.repeatable<OpenedWriter>(this.#sql.open, values);
      if (opened && isEarlier(fence, opened)) throw fenced(fence);
      if (opened && opened.position !== null)
        return this.#writer(streamId, fence, opened.position, opened.lastSequence);
    }
  }

  /** Readers who stand at the same place share a query: a hundred of them cost the database what one does. */
  read(streamId: string, after: number, limit = 1000): Promise<StreamPage> {
    return this.#reads.read(`${streamId} ${after} ${limit}`, () => this.#read(streamId, after, limit));
  }

  async #read(streamId: string, after: number, limit: number): Promise<StreamPage> {
    const values = [this.#options.scope, streamId, placeAfter(after), limit];
    const rows = await this.#options.database.repeatable<PageRow>(this.#sql.read, values);
    const [end] = rows;
    if (!end) return { chunks: [], last: 0, floor: 0 };
    const chunks = rows.flatMap(chunksOf).filter(({ sequence }) => sequence > after);
    return { chunks: chunks.slice(0, limit), last: end.last, floor: end.floor };
  }

  watch(streamId: string, listener: () => void): () => void {
    return this.#signals.watch(streamId, listener);
  }

  poke(streamId: string): void {
    this.#signals.touch(streamId);
  }

  async trim(streamId: string, upTo: number): Promise<void> {
    await this.#options.database.repeatable(this.#sql.trim, [this.#options.scope, streamId, upTo]);
  }

  async deleteStream(streamId: string): Promise<void> {
    const removed = await this.#remover.remove(streamId);
    for (const id of new Set([streamId, ...removed])) this.#signals.touch(id);
  }

  /** Stops every watch, and listening with it. The pool stays the caller's. */
  close(): void {
    this.#signals.close();
  }

  #writer(streamId: string, fence: StreamFence, position: number, startSequence: number): StreamWriter {
    return new PostgresStreamWriter(
      { streamId, fence, position, startSequence },
      {
        options: this.#options,
        maxChunkBytes: this.limits.maxChunkBytes,
        appends: this.#appends,
        findBatch: this.#sql.find,
        onAppend: () => this.#signals.touch(streamId),
      },
    );
  }
}

/** How the stream stood before, and the position of the row that was added. */
interface OpenedWriter {
  readonly epoch: number;
  readonly attempt: number;
  readonly lastSequence: number;
  readonly position: number | null;
}

interface PageRow {
  readonly last: number;
  readonly floor: number;
  readonly first: number | null;
  readonly body: string | null;
}

function isEarlier({ epoch, attempt }: StreamFence, now: Pick<StreamFence, 'epoch' | 'attempt'>): boolean {
  return epoch < now.epoch || (epoch === now.epoch && attempt < now.attempt);
}

function fenced({ epoch, attempt }: StreamFence): HelixError {
  return new HelixError('stream_fenced', `a later writer than epoch ${epoch}, attempt ${attempt} opened the stream`);
}

function chunksOf({ first, body }: PageRow): StoredChunk[] {
  if (first === null || body === null) return [];
  return (JSON.parse(body) as StreamChunk[]).map((chunk, index) => ({ sequence: first + index, chunk }));
}
