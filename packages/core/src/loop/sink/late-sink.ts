import type { ChunkBody } from '../../session/chunk.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import type { ChunkPlace } from '../../stream/chunk-buffer.ts';
import type { OpenChunkSink } from '../owner/chunk-sink.ts';
import type { LateWriter } from './late-writer.ts';

type LateSession = Pick<SessionSnapshot, 'streamSequence' | 'streamSure' | 'step'>;

/**
 * Over a stream that is opened late: what a former owner left behind the record is not known until then. So it is taken back before
 * anything is said, also by a run that says nothing.
 */
export class LateSink implements OpenChunkSink {
  readonly #sink: OpenChunkSink;
  /** Up to where the record was sure of the stream; of what it stands for behind that, nobody knows. */
  readonly #sure: number;
  readonly #lacks: boolean;
  readonly #place: ChunkPlace;
  readonly #writer: Pick<LateWriter, 'isOpen' | 'tell'>;
  #owesRewound = true;

  constructor(sink: OpenChunkSink, session: LateSession, writer: Pick<LateWriter, 'isOpen' | 'tell'>) {
    const { streamSequence, streamSure = streamSequence, step } = session;
    this.#sink = sink;
    this.#sure = streamSure;
    this.#lacks = streamSure < streamSequence;
    this.#place = { step: step?.step ?? 0, attempt: 1 };
    this.#writer = writer;
  }

  get sequence(): number {
    return this.#sink.sequence;
  }

  get sure(): number | undefined {
    return this.#writer.isOpen ? undefined : this.#sure;
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

  stands(sequence: number): void {
    this.#writer.tell(sequence);
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
    this.#sink.write({ type: 'rewound', toSequence: this.#sure }, this.#place);
    if (this.#lacks) this.#sink.write({ type: 'gap' }, this.#place);
  }
}
