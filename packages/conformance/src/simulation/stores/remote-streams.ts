import { HelixError, type StreamFence, type StreamManager, type StreamWriter } from '@helix-agents/core';
import type { Actor } from '../scheduler.ts';
import type { Network } from './network.ts';

/** Writes streams as one process sees them: over the same network as its store. */
export class RemoteStreams implements Pick<StreamManager, 'limits' | 'openWriter' | 'poke' | 'deleteStream'> {
  readonly limits: StreamManager['limits'];
  readonly #streams: StreamManager;
  readonly #network: Network;
  readonly #actor: Actor;
  readonly #outOfReach: (streamId: string) => void;

  constructor(streams: StreamManager, network: Network, actor: Actor, outOfReach: (streamId: string) => void) {
    this.limits = streams.limits;
    this.#streams = streams;
    this.#network = network;
    this.#actor = actor;
    this.#outOfReach = outOfReach;
  }

  async openWriter(streamId: string, fence: StreamFence): Promise<StreamWriter> {
    const writer = await this.#open(streamId, fence);
    return {
      startSequence: writer.startSequence,
      append: (batchNo, chunks) => this.#ask('append', async () => writer.append(batchNo, chunks), true),
    };
  }

  deleteStream(streamId: string): Promise<void> {
    return this.#ask('deleteStream', () => this.#streams.deleteStream(streamId));
  }

  poke(streamId: string): void {
    this.#streams.poke(streamId);
  }

  /** Who cannot open a stream works without: nothing of what it says is there. */
  async #open(streamId: string, fence: StreamFence): Promise<StreamWriter> {
    try {
      return await this.#ask('openWriter', () => this.#streams.openWriter(streamId, fence));
    } catch (error) {
      this.#outOfReach(streamId);
      throw error;
    }
  }

  #ask<T>(label: string, perform: () => Promise<T>, mayRepeat = false): Promise<T> {
    const reach = async () => {
      if (!this.#network.losesStream(this.#actor)) return perform();
      throw new HelixError('state_store_unavailable', 'the stream cannot be reached');
    };
    return this.#network.request(this.#actor, label, reach, { mayRepeat });
  }
}
