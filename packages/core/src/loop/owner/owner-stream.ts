import type { CallRecord } from '../../session/call.ts';
import type { ChunkBody } from '../../session/chunk.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import type { ChunkPlace } from '../../stream/chunk-buffer.ts';
import type { ChunkSink } from './chunk-sink.ts';
import { toldEnds, toolEnd } from './told-ends.ts';

type RecordedPosition = Pick<SessionSnapshot, 'streamSequence' | 'streamSure'>;

/** What an owner tells the stream of its session: where that is said, what is told already, and what has to be taken back. */
export class OwnerStream {
  readonly #chunks: ChunkSink;
  #place: ChunkPlace;
  /** Position up to which the record stands for the stream. */
  #recorded: RecordedPosition;
  /** Position behind which nothing is to be taken back; undefined where it was never sure. */
  #clean: number | undefined;
  /** Calls whose end is in the stream already. */
  readonly #announced: Set<string>;
  #isWithdrawing = false;

  constructor(session: SessionSnapshot, chunks: ChunkSink) {
    this.#chunks = chunks;
    // Who takes over an open step goes on in its place: which attempt the reply was is not kept.
    this.#place = { step: session.step?.step ?? 0, attempt: 1 };
    const { streamSequence, streamSure } = session;
    this.#recorded = { streamSequence, streamSure };
    // A sink that is not sure either takes all of it back by itself.
    const isClean = streamSure === undefined || chunks.sure !== undefined;
    this.#clean = isClean ? streamSequence : undefined;
    this.#announced = new Set(toldEnds(session, chunks.sequence));
  }

  /** The step whose chunks are being written. */
  get step(): number {
    return this.#place.step;
  }

  write(body: ChunkBody): void {
    if (body.type === 'rewound') this.#isWithdrawing = true;
    this.#chunks.write(body, this.#place);
  }

  /** From now on it is told of this attempt; what one before it streamed, and the record does not stand for, is taken back. */
  begin({ step, attempt }: ChunkPlace): void {
    this.#place = { step, attempt };
    this.withdraw();
    this.#announced.clear();
  }

  /** Tells how a call ended as soon as that is known: its step may take a while yet. */
  announce(call: CallRecord): void {
    this.write(toolEnd(call));
    this.#announced.add(call.callId);
  }

  hasAnnounced({ callId }: CallRecord): boolean {
    return this.#announced.has(callId);
  }

  /** The call came to another end than the one that was told: it is to be told again. */
  disown({ callId }: CallRecord): void {
    this.#announced.delete(callId);
  }

  /** A commit stands for the stream up to here. */
  standAt({ streamSequence, streamSure }: RecordedPosition): void {
    this.#recorded = { streamSequence, streamSure };
    this.#clean = streamSequence;
  }

  /** Takes back what was streamed by an attempt, or an owner, that the record does not stand for; and says what is missing. */
  withdraw(): void {
    const chunks = this.#chunks;
    if (chunks.sequence === this.#clean) return;
    const { streamSequence, streamSure: toSequence = streamSequence } = this.#recorded;
    const isAhead = chunks.sequence > toSequence;
    if (isAhead) this.write({ type: 'rewound', toSequence });
    // Chunks that an owner took with it leave places that the record stands for: what comes now must not fill them. And of what was not
    // sure one at least is missing.
    const least = isAhead && toSequence < streamSequence ? 1 : 0;
    const missing = Math.max(least, streamSequence - chunks.sequence);
    for (let place = 0; place < missing; place += 1) this.write({ type: 'gap' });
    this.#clean = chunks.sequence;
  }

  /** Whether something was taken back, and it is not known yet that this is in the stream. */
  get isWithdrawing(): boolean {
    return this.#isWithdrawing;
  }

  /** Looks whether everything is in the stream by now, and with it what was taken back. */
  noteFlushed(): void {
    if (this.#chunks.flushed) this.#isWithdrawing = false;
  }
}
