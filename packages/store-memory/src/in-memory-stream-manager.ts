import {
  checkStreamId,
  KeyedSignals,
  refuseUnknown,
  type StreamFence,
  type StreamManager,
  type StreamPage,
  type StreamWriter,
} from '@helix-agents/core';
import { StoredStream } from './stored-stream.ts';

/** What an {@link InMemoryStreamManager} takes. */
export interface InMemoryStreamManagerOptions {
  /** Largest chunk, in bytes of its JSON as UTF-8. Default 2 MiB: a tool result and what surrounds it. */
  readonly maxChunkBytes?: number | undefined;
}

const known: (keyof InMemoryStreamManagerOptions)[] = ['maxChunkBytes'];

/** Keeps streams in this process's memory. Readers take pages when they like; a writer never waits for one. */
export class InMemoryStreamManager implements StreamManager {
  readonly contract = 'helix.stream-manager/2';
  readonly durability = 'none';
  readonly limits: { readonly maxChunkBytes: number };
  readonly #streams = new Map<string, StoredStream>();
  readonly #signals = new KeyedSignals();

  /** @throws HelixError `input_invalid` for an option that does not exist */
  constructor(options: InMemoryStreamManagerOptions = {}) {
    refuseUnknown('InMemoryStreamManager: ', options, { known });
    this.limits = { maxChunkBytes: options.maxChunkBytes ?? 2 * 1024 * 1024 };
  }

  async openWriter(streamId: string, fence: StreamFence): Promise<StreamWriter> {
    checkStreamId(streamId);
    const stream = this.#streams.get(streamId) ?? this.#create(streamId);
    return stream.openWriter(fence);
  }

  async read(streamId: string, after: number, limit = 1000): Promise<StreamPage> {
    return this.#streams.get(streamId)?.read(after, limit) ?? { chunks: [], last: 0, floor: 0 };
  }

  watch(streamId: string, listener: () => void): () => void {
    return this.#signals.watch(streamId, listener);
  }

  poke(streamId: string): void {
    this.#signals.notify(streamId);
  }

  async trim(streamId: string, upTo: number): Promise<void> {
    this.#streams.get(streamId)?.trim(upTo);
  }

  async deleteStream(streamId: string): Promise<void> {
    for (const id of [streamId, ...this.#below(streamId)]) this.#delete(id);
  }

  /** Only below the id of a session there are others: those of its streams have their dot. */
  #below(streamId: string): string[] {
    if (streamId.includes('.')) return [];
    return Array.from(this.#streams.keys()).filter((id) => id.startsWith(`${streamId}.`));
  }

  #delete(streamId: string): void {
    this.#streams.get(streamId)?.close();
    this.#streams.delete(streamId);
    this.poke(streamId);
  }

  #create(streamId: string): StoredStream {
    const stream = new StoredStream(this.limits.maxChunkBytes, () => this.poke(streamId));
    this.#streams.set(streamId, stream);
    return stream;
  }
}
