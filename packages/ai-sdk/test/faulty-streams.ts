import { HelixError, type Clock, type StreamManager, type StreamPage, type StreamWriter } from '@helix-agents/core';
import type { Chance } from '@helix-agents/core/testing';

/** How much of what is asked goes wrong, from 0 to 1. */
interface StreamFaults {
  readonly opens: number;
  readonly appends: number;
  readonly reads: number;
}

interface FaultyStreamsParts {
  /** Where the chunks are; other processes have them as well. */
  readonly streams: StreamManager;
  readonly chance: Chance;
  readonly clock: Clock;
  readonly faults: StreamFaults;
}

const faults = ['fails', 'is late', 'is answered late', 'is done, and its answer lost'] as const;

/** The streams as one process reaches them: by chance what it asks fails, or is late, before it is done or after. */
export class FaultyStreams implements StreamManager {
  readonly contract = 'helix.stream-manager/2';
  readonly durability = 'commit';
  readonly #parts: FaultyStreamsParts;
  #isCut = false;

  constructor(parts: FaultyStreamsParts) {
    this.#parts = parts;
  }

  get limits(): StreamManager['limits'] {
    return this.#parts.streams.limits;
  }

  /** From now on nothing of this process arrives, and nothing is answered. */
  cut(): void {
    this.#isCut = true;
  }

  async openWriter(...asked: Parameters<StreamManager['openWriter']>): Promise<StreamWriter> {
    const { streams, faults: rate } = this.#parts;
    const writer = await this.#try(rate.opens, () => streams.openWriter(...asked));
    const append: StreamWriter['append'] = (...batch) => this.#try(rate.appends, async () => writer.append(...batch));
    return { startSequence: writer.startSequence, append };
  }

  read(...asked: Parameters<StreamManager['read']>): Promise<StreamPage> {
    return this.#try(this.#parts.faults.reads, () => this.#parts.streams.read(...asked));
  }

  watch(streamId: string, listener: () => void): () => void {
    return this.#parts.streams.watch(streamId, listener);
  }

  poke(streamId: string): void {
    this.#parts.streams.poke(streamId);
  }

  trim(streamId: string, upTo: number): Promise<void> {
    return this.#parts.streams.trim(streamId, upTo);
  }

  deleteStream(streamId: string): Promise<void> {
    return this.#parts.streams.deleteStream(streamId);
  }

  async #try<T>(rate: number, work: () => Promise<T>): Promise<T> {
    const { chance, clock } = this.#parts;
    const fault = chance.happens(rate) ? chance.pick(faults) : 'none';
    const waitMs = chance.between(50, 4_000);
    if (fault === 'fails') throw away();
    if (fault === 'is late') await clock.sleep(waitMs);
    if (this.#isCut) return new Promise(() => {});
    const answer = await work();
    if (fault === 'is answered late') await clock.sleep(waitMs);
    if (fault === 'is done, and its answer lost') throw away();
    return answer;
  }
}

function away(): HelixError {
  return new HelixError('state_store_unavailable', 'the stream is away');
}
