import { HelixError, type ChunkBase, type StreamChunk, type StreamFrame } from '@helix-agents/core';
import type { Attendant } from './attendant.ts';

type Frames = AsyncGenerator<readonly StreamFrame[], void, void>;
type Next = IteratorResult<StreamChunk, void>;

/**
 * The chunks of a run, one by one, out of frames that come in batches. Rejects where the stream has a gap. For one reader: to go over
 * it again once it has ended throws, since there would be nothing. A generator written out: a chunk at hand costs one settled promise.
 */
export class RunChunks implements AsyncIterableIterator<StreamChunk, void, void> {
  readonly #frames: Frames;
  readonly #origin: () => ChunkBase;
  readonly #attendant: Attendant;
  #batch: readonly StreamFrame[] = [];
  #told = 0;
  #isOver = false;

  constructor(frames: Frames, origin: () => ChunkBase, attendant: Attendant) {
    this.#frames = frames;
    this.#origin = origin;
    this.#attendant = attendant;
  }

  next(): Promise<Next> {
    try {
      const chunk = this.#fromBatch();
      return chunk ? Promise.resolve({ done: false, value: chunk }) : this.#fromStream();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async return(): Promise<Next> {
    this.#batch = [];
    await this.#frames.return();
    return this.#end();
  }

  [Symbol.asyncIterator](): this {
    if (this.#isOver)
      throw new HelixError('input_invalid', 'this stream was read already; ask for another with handle.stream()');
    return this;
  }

  #fromBatch(): StreamChunk | undefined {
    for (let frame = this.#batch[this.#told]; frame; frame = this.#batch[this.#told]) {
      this.#told += 1;
      const chunk = chunkOf(frame, this.#origin);
      if (chunk) return chunk;
    }
    return undefined;
  }

  async #fromStream(): Promise<Next> {
    this.#attendant.waits();
    try {
      for (;;) {
        const next = await this.#frames.next();
        // Somebody else may have asked at the same time, and left something.
        const left = this.#batch.slice(this.#told);
        const more = next.done ? [] : next.value;
        this.#batch = left.length > 0 ? [...left, ...more] : more;
        this.#told = 0;
        const chunk = this.#fromBatch();
        if (chunk) return { done: false, value: chunk };
        if (next.done) return this.#end();
      }
    } catch (error) {
      this.#end();
      throw error;
    } finally {
      this.#attendant.goesOn();
    }
  }

  #end(): Next {
    this.#isOver = true;
    this.#attendant.leave();
    return { done: true, value: undefined };
  }
}

function chunkOf(frame: StreamFrame, origin: () => ChunkBase): StreamChunk | undefined {
  if (frame.type === 'chunk') return frame.chunk;
  if (frame.type === 'rewound') return { ...origin(), type: 'rewound', toSequence: frame.toSequence };
  const isGap = frame.type === 'truncated' || (frame.type === 'fail' && frame.recoverable);
  if (isGap) throw HelixError.fromDetail(frame.errorDetail);
  return undefined;
}
