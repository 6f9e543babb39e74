import { setTimeout as sleep } from 'node:timers/promises';
import {
  followSession,
  resolvePorts,
  type FollowSessionOptions,
  type StoredChunk,
  type StreamFrame,
} from '@helix-agents/core';

/** Which run is read, from where, and how often the reader leaves on the way and comes back with what it has. */
export interface ReadingRequest {
  readonly sessionId: string;
  readonly runId: string;
  readonly after: number;
  readonly reconnects: number;
}

const terminal = new Set<StreamFrame['type']>(['end', 'fail', 'truncated']);

/** Follows one run to its end, as a client would, and keeps what it then has. */
export class RunReader {
  readonly sessionId: string;
  readonly runId: string;
  readonly terminals: StreamFrame[] = [];
  readonly faults: string[] = [];
  /** What it has, without what was withdrawn. */
  visible: StoredChunk[] = [];
  /** Where it reads on. */
  #after: number;
  #reconnects: number;

  constructor({ sessionId, runId, after, reconnects }: ReadingRequest) {
    this.sessionId = sessionId;
    this.runId = runId;
    this.#after = after;
    this.#reconnects = reconnects;
  }

  async read(
    from: Pick<FollowSessionOptions, 'stateStore' | 'streamManager'>,
    abortSignal: AbortSignal,
  ): Promise<this> {
    try {
      while (!abortSignal.aborted && !(await this.#follow(from, abortSignal)));
    } catch (error) {
      if (!abortSignal.aborted) this.faults.push(`was told ${String(error)}`);
    }
    if (this.terminals.length === 0) this.faults.push('has no end');
    return this;
  }

  /** Whether that was the end. */
  async #follow(
    from: Pick<FollowSessionOptions, 'stateStore' | 'streamManager'>,
    abortSignal: AbortSignal,
  ): Promise<boolean> {
    const { sessionId, runId } = this;
    const { clock } = resolvePorts();
    let patience = this.#reconnects > 0 ? 1 + Math.floor(Math.random() * 8) : Infinity;
    this.#reconnects -= 1;
    const batches = followSession({ ...from, clock, sessionId, runId, after: this.#after, abortSignal });
    for await (const batch of batches) {
      for (const frame of batch) {
        this.#take(frame);
        patience -= 1;
        if (patience <= 0 && this.terminals.length === 0) return false;
      }
    }
    return !(await this.#isPaused());
  }

  /** A run that waits for a person is let go on, and read on. */
  async #isPaused(): Promise<boolean> {
    const last = this.terminals.at(-1);
    if (last?.type !== 'end' || last.status !== 'paused') return false;
    this.terminals.pop();
    await sleep(300);
    return true;
  }

  #take(frame: StreamFrame): void {
    if (this.terminals.length > 0) this.faults.push(`got ${frame.type} after its end`);
    if (terminal.has(frame.type)) this.terminals.push(frame);
    if (!('sequence' in frame)) return;
    if (frame.type === 'chunk' && frame.sequence <= this.#after)
      this.faults.push(`got chunk ${frame.sequence} behind ${this.#after}`);
    if (frame.type === 'chunk') this.visible.push(frame);
    if (frame.type === 'rewound') this.visible = this.visible.filter(({ sequence }) => sequence <= frame.toSequence);
    this.#after = Math.max(this.#after, frame.sequence);
  }
}
