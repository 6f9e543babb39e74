import type { RunRecord } from '../session/run.ts';
import type { StoredChunk } from '../contracts/stream-manager.ts';
import type { StreamFrame } from './stream-frame.ts';

/** Makes the frames of one run out of the chunks of its stream, in their order; it knows what the reader has by then. */
export class RunFrames {
  #cursor: number;
  /** Sequence of the last chunk that the reader has. */
  #has: number;

  constructor(after: number) {
    this.#cursor = after;
    this.#has = after;
  }

  /** Sequence of the last chunk that was read. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Of the next chunks. What one of them withdraws of the others is left out. */
  of(run: RunRecord, chunks: readonly StoredChunk[]): StreamFrame[] {
    const frames: StreamFrame[] = [];
    for (const { sequence, chunk } of chunks) {
      this.#cursor = sequence;
      // What is missing is often marked by the owner of the next run.
      if (chunk.type === 'gap') frames.push({ type: 'chunk', sequence, chunk: { ...chunk, runId: run.runId } });
      // Behind the start lie also the last words of a former run's owner, until it was fenced.
      else if (chunk.runId !== run.runId && sequence > run.startSequence) continue;
      else if (chunk.type === 'rewound') this.#rewind(frames, sequence, chunk.toSequence);
      else frames.push({ type: 'chunk', sequence, chunk });
    }
    this.#has = this.#hasWith(frames);
    // As many gaps as chunks are missing, but one thing to a reader. The first stays longest: a rewound may still take back those behind it.
    return frames.filter((frame, index) => !isGap(frame) || !isGap(frames[index - 1]));
  }

  /** Takes back what the reader got behind a sequence. */
  withdraw(toSequence: number): StreamFrame[] {
    return this.#has > toSequence ? [{ type: 'rewound', sequence: this.#cursor, toSequence }] : [];
  }

  #rewind(frames: StreamFrame[], sequence: number, toSequence: number): void {
    const kept = frames.findLastIndex((frame) => frame.type !== 'chunk' || frame.sequence <= toSequence);
    frames.length = kept + 1;
    if (this.#hasWith(frames) > toSequence) frames.push({ type: 'rewound', sequence, toSequence });
  }

  /** Sequence of the last chunk that the reader has once it got these. */
  #hasWith(frames: readonly StreamFrame[]): number {
    const end = frames.at(-1);
    if (end?.type === 'rewound') return end.toSequence;
    return end?.type === 'chunk' ? end.sequence : this.#has;
  }
}

function isGap(frame: StreamFrame | undefined): boolean {
  return frame?.type === 'chunk' && frame.chunk.type === 'gap';
}
