import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StreamChunk } from '@helix-agents/core';

/** Writes one batch; the token is new each time. */
export type BatchWriter = (token: string, body: string) => Promise<void> | void;

/**
 * The limit of a stream: what is produced while a batch is being written goes out as the next one, and each batch is handed to
 * every reader, who looks at each chunk. It keeps no order across processes, fences nobody and forgets everything.
 */
export class RawStream {
  readonly #write: BatchWriter;
  #batches = 0;

  constructor(write: BatchWriter) {
    this.#write = write;
  }

  async run(chunks: readonly StreamChunk[], readers: number, together: number): Promise<void> {
    const listeners = Array.from({ length: readers }, () => new Reader());
    let waiting: StreamChunk[] = [];
    let writing: Promise<void> | undefined;
    const send = async () => {
      while (waiting.length > 0) {
        const batch = waiting;
        waiting = [];
        this.#batches += 1;
        await this.#write(`batch-${Date.now()}-${this.#batches}`, JSON.stringify(batch));
        for (const listener of listeners) listener.take(batch);
      }
      writing = undefined;
    };
    for (let from = 0; from < chunks.length; from += together) {
      await nextTurn();
      waiting.push(...chunks.slice(from, from + together));
      writing ??= send();
    }
    await writing;
    if (listeners.some(({ seen }) => seen !== chunks.length))
      throw new Error('a reader of the raw stream missed chunks');
  }
}

class Reader {
  seen = 0;
  characters = 0;

  take(batch: readonly StreamChunk[]): void {
    for (const chunk of batch) {
      this.seen += 1;
      if (chunk.type === 'text_delta') this.characters += chunk.delta.length;
    }
  }
}
