import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StreamChunk } from '@helix-agents/core';

/** Writes one batch; the token is new each time. */
export type BatchWriter = (token: string, body: string) => Promise<void> | void;

/** What is said: so many deltas, of which some come with one packet of a provider. */
export interface Speech {
  readonly delta: string;
  readonly deltas: number;
  readonly together: number;
}

/**
 * The limit of a stream: what is produced while a batch is being written goes out as the next one, and each batch is handed to
 * every reader, who looks at each chunk. It keeps no order across processes, fences nobody and forgets everything.
 */
export class RawStream {
  readonly #write: BatchWriter;
  readonly #speech: Speech;
  #batches = 0;

  constructor(write: BatchWriter, speech: Speech) {
    this.#write = write;
    this.#speech = speech;
  }

  async run(readers: number, deltasAre: 'a chunk each' | 'joined'): Promise<void> {
    const { delta, deltas, together } = this.#speech;
    const listeners = Array.from({ length: readers }, () => new Reader());
    let waiting = 0;
    let writing: Promise<void> | undefined;
    const send = async () => {
      while (waiting > 0) {
        const batch =
          deltasAre === 'joined'
            ? [chunkOf(delta.repeat(waiting))]
            : Array.from({ length: waiting }, () => chunkOf(delta));
        waiting = 0;
        this.#batches += 1;
        await this.#write(`batch-${Date.now()}-${this.#batches}`, JSON.stringify(batch));
        for (const listener of listeners) listener.take(batch);
      }
      writing = undefined;
    };
    for (let said = 0; said < deltas; said += together) {
      await nextTurn();
      waiting += together;
      writing ??= send();
    }
    await writing;
    if (listeners.some(({ characters }) => characters !== deltas * delta.length))
      throw new Error('a reader of the raw stream missed text');
  }
}

/** With the origin that ours gives to each chunk. */
function chunkOf(delta: string): StreamChunk {
  const origin = {
    agentId: 'ses_01a2b3c4-d5e6-7f80-91a2-b3c4d5e6f708',
    agentType: 'speaking',
    runId: 'run_01a2b3c4-d5e6-7f80-91a2-b3c4d5e6f709',
  };
  return { ...origin, step: 1, attempt: 1, timestamp: Date.now(), type: 'text_delta', delta };
}

class Reader {
  characters = 0;

  take(batch: readonly StreamChunk[]): void {
    for (const chunk of batch) if (chunk.type === 'text_delta') this.characters += chunk.delta.length;
  }
}
