import { HelixError, type StreamFence, type StreamManager, type StreamWriter } from '@helix-agents/core';
import type { Network } from './network.ts';
import type { Actor } from './scheduler.ts';

/** Opens writers of a stream as one process sees it: over the same network as its store. */
export class RemoteStreams {
  readonly #streams: StreamManager;
  readonly #network: Network;
  readonly #actor: Actor;

  constructor(streams: StreamManager, network: Network, actor: Actor) {
    this.#streams = streams;
    this.#network = network;
    this.#actor = actor;
  }

  async openWriter(streamId: string, fence: StreamFence): Promise<StreamWriter> {
    const writer = await this.#ask('openWriter', () => this.#streams.openWriter(streamId, fence));
    return {
      startSequence: writer.startSequence,
      append: (batchNo, chunks) => this.#ask('append', async () => writer.append(batchNo, chunks), true),
    };
  }

  #ask<T>(label: string, perform: () => Promise<T>, mayRepeat = false): Promise<T> {
    const reach = async () => {
      if (!this.#network.losesStream(this.#actor)) return perform();
      throw new HelixError('state_store_unavailable', 'the stream cannot be reached');
    };
    return this.#network.request(this.#actor, label, reach, { mayRepeat });
  }
}
