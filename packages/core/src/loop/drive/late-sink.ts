import type { ChunkBody } from '../../session/chunk.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import type { ChunkPlace } from '../../stream/chunk-buffer.ts';
import type { OpenChunkSink } from '../owner/chunk-sink.ts';

/**
 * Over a stream that is opened late: what a former owner left behind the record is not known until then. So it is taken back before
 * anything is said, also by a run that says nothing.
 */
export class LateSink implements OpenChunkSink {
  readonly #sink: OpenChunkSink;
  readonly #session: Pick<SessionSnapshot, 'streamSequence' | 'step'>;
  #owesRewound = true;

  constructor(sink: OpenChunkSink, session: Pick<SessionSnapshot, 'streamSequence' | 'step'>) {
    this.#sink = sink;
    this.#session = session;
  }

  get sequence(): number {
    return this.#sink.sequence;
  }

  get flushed(): boolean {
    return this.#sink.flushed && !this.#owesRewound;
  }

  write(body: ChunkBody, place: ChunkPlace): void {
    this.#rewind();
    this.#sink.write(body, place);
    // It names a position as this owner thought of it before the stream said where it stands: too much may be taken back.
    if (body.type === 'rewound') this.#sink.write({ type: 'gap' }, place);
  }

  flush(): Promise<void> {
    this.#rewind();
    return this.#sink.flush();
  }

  close(): Promise<void> {
    return this.#sink.close();
  }

  #rewind(): void {
    if (!this.#owesRewound) return;
    this.#owesRewound = false;
    const { streamSequence, step } = this.#session;
    this.#sink.write({ type: 'rewound', toSequence: streamSequence }, { step: step?.step ?? 0, attempt: 1 });
  }
}
