/**
 * Sends what a queue holds to its stream: one batch on its way at a time, repeated until it is answered. It owns the timers and calls
 * only the stream; how it stands with that is one state.
 *
 * 1. What cannot be written is logged with its count, and a gap stands in its place; nothing vanishes silently.
 * 2. Once shut out it sends nothing more (S15).
 */
import type { StreamWriter } from '../contracts/stream-manager.ts';
import { HelixError } from '../errors/helix-error.ts';
import { maxPageCharacters } from '../ports/limits.ts';
import type { Clock, Logger } from '../ports/ports.ts';
import type { ChunkBody } from '../session/chunk.ts';
import type { BatchQueue } from './batch-queue.ts';
import type { ChunkPlace } from './chunk-buffer.ts';
import { GatherTimer } from './gather-timer.ts';
import { StreamOutage } from './stream-outage.ts';

export interface BatchSenderParts {
  readonly stream: StreamWriter;
  readonly queue: BatchQueue;
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  readonly log: Logger['log'];
}

/** So many characters of chunks go without waiting for the time. */
const gatherCharacters = 4_096;
/** How often a stream that cannot be reached is tried again. */
const outageMs = 1_000;

type State =
  /** Nothing is on its way: what is gathered goes when it is due. */
  | { readonly at: 'idle' }
  /** The first batch is on its way, or waits to be repeated: after each of these waits it may be. */
  | { readonly at: 'sending'; readonly waitsMs: readonly number[] }
  /** The first batch waits for the next try, or is on its way once more. */
  | StreamOutage
  /** Closed, or shut out by another writer: `isShort` where something is not in the stream for that. */
  | { readonly at: 'over'; isShort: boolean };

const idle: State = { at: 'idle' };
const firstTry: State = { at: 'sending', waitsMs: [50, 200, 800] };

export class BatchSender {
  readonly #parts: BatchSenderParts;
  readonly #queue: BatchQueue;
  readonly #log: Logger['log'];
  readonly #gather: GatherTimer;
  #state: State = idle;

  constructor(parts: BatchSenderParts) {
    this.#parts = parts;
    this.#queue = parts.queue;
    this.#log = parts.log;
    this.#gather = new GatherTimer(parts.clock, () => this.#sendRest());
  }

  /** Whether the stream was given up, for now or for good. */
  get isGivenUp(): boolean {
    return this.#state.at === 'outage' || this.#state.at === 'over';
  }

  /** Whether another writer took over before all was written, or may have. */
  get isShort(): boolean {
    return this.#state.at === 'over' && this.#state.isShort;
  }

  take(body: ChunkBody, place: ChunkPlace): void {
    const state = this.#state;
    if (state.at === 'over') return void (state.isShort = true);
    if (state.at === 'outage') state.take(body, place);
    else this.#queue.put(body, place);
    if (state.at === 'idle') this.#sendWhenDue();
    // Readers get a batch whole: one that has to wait does not grow for ever.
    else if (this.#queue.gathered >= maxPageCharacters) this.#queue.cut();
  }

  /** Sends what is held, also what is not due; what is on its way comes first. */
  send(): void {
    const state = this.#state;
    const mayStart = state.at === 'outage' ? state.endWait() : state.at === 'idle';
    if (!mayStart) return;
    this.#gather.renew();
    this.#queue.cut();
    this.#append();
  }

  /** Sends nothing any more: what is held is lost. */
  end(): void {
    const chunks = this.#queue.held.count + (this.#state.at === 'outage' ? this.#state.dropped : 0);
    if (chunks > 0) this.#log('error', 'chunks were never written', { chunks });
    this.#enter({ at: 'over', isShort: false });
  }

  /** The only way into a state; none leads out of the last one. */
  #enter(next: State): void {
    const state = this.#state;
    if (state.at === 'over') return;
    if (state.at === 'outage') state.endWait();
    this.#state = next;
    if (next.at !== 'over') return;
    this.#gather.stop();
    this.#queue.clear();
  }

  #sendWhenDue(): void {
    if (this.#queue.gathered >= gatherCharacters || this.#gather.isDue()) this.send();
  }

  /** What came while a batch was on its way. */
  #sendRest(): void {
    const { held } = this.#queue;
    if (this.#state.at !== 'idle' || held.count === 0) return;
    if (held.isWaitedFor) this.send();
    else this.#sendWhenDue();
  }

  /** Batch after batch, until an answer has to be waited for. */
  #append(): void {
    const { stream } = this.#parts;
    for (let answer = this.#queue.appendTo(stream); answer !== undefined; answer = this.#queue.appendTo(stream)) {
      if (typeof answer !== 'number') {
        if (this.#state.at === 'idle') this.#enter(firstTry);
        return void answer.then(this.#onAnswer, this.#onFailure);
      }
      this.#took(answer);
    }
    // The last chunk may have been given up, not taken.
    this.#beReached();
    this.#sendRest();
  }

  readonly #onAnswer = (last: number): void => {
    this.#took(last);
    this.#append();
  };

  readonly #onFailure = (error: unknown): void => {
    const [waitMs, ...waitsMs] = this.#state.at === 'sending' ? this.#state.waitsMs : [];
    if (HelixError.is(error, 'stream_fenced')) this.#beShutOut();
    else if (HelixError.is(error, 'stream_chunk_too_large')) this.#divide(error);
    else if (waitMs === undefined) this.#outlast(error);
    else this.#repeat(waitMs, waitsMs);
  };

  #took(last: number): void {
    this.#queue.took(last);
    this.#beReached();
  }

  #beReached(): void {
    const state = this.#state;
    if (state.at === 'idle') return;
    this.#enter(idle);
    if (state.at === 'outage') this.#log('warn', 'the stream can be written again', { droppedChunks: state.dropped });
  }

  /** What is sent instead has all its tries. */
  #divide(error: unknown): void {
    if (this.#state.at === 'sending') this.#enter(idle);
    const lost = this.#queue.divide();
    const what = 'a chunk is too large for the stream and was dropped';
    if (lost) this.#log('error', what, { type: lost.type, error });
    this.#append();
  }

  #repeat(waitMs: number, waitsMs: readonly number[]): void {
    this.#enter({ at: 'sending', waitsMs });
    this.#parts.clock.after(waitMs, () => this.#append());
  }

  #outlast(error: unknown): void {
    const outage = this.#state.at === 'outage' ? this.#state : new StreamOutage(this.#queue, this.#log);
    if (outage !== this.#state) this.#log('error', 'the stream cannot be written; chunks are held back', { error });
    this.#enter(outage);
    outage.wait(this.#parts.clock.after(outageMs, () => this.send()));
    this.#queue.held.endWaits();
  }

  #beShutOut(): void {
    const chunks = this.#queue.held.count;
    const what = 'chunks were not written: the stream has another writer, or may have';
    if (chunks > 0) this.#log('info', what, { chunks });
    this.#enter({ at: 'over', isShort: chunks > 0 });
  }
}
