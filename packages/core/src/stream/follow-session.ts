/**
 * Reads one run of a session's stream: what there is, then what comes, then how it ended.
 *
 * 1. The cursor only rises, and every page is read from it: nothing is repeated, nothing is left out.
 * 2. The end is read from the record, never from the stream (S9): a crash between the last commit and the stream's end cannot
 *    hang a reader.
 * 3. It holds at most one page: a slow reader delays itself alone.
 */
import type { SessionStateStore } from '../contracts/session-state-store.ts';
import type { StreamManager, StreamPage } from '../contracts/stream-manager.ts';
import { HelixError } from '../errors/helix-error.ts';
import { Patience } from '../ports/patience.ts';
import type { Clock } from '../ports/ports.ts';
import { FollowedRun } from './followed-run.ts';
import { RunFrames } from './run-frames.ts';
import { truncatedFrame, type StreamFrame } from './stream-frame.ts';
import { WakeUp } from './wake-up.ts';

/** What {@link followSession} takes. */
export interface FollowSessionOptions {
  readonly stateStore: Pick<SessionStateStore, 'head' | 'load' | 'findEndedRun' | 'signals'>;
  readonly streamManager: Pick<StreamManager, 'read' | 'watch'>;
  readonly sessionId: string;
  /** The run to follow. Default: the current one. */
  readonly runId?: string | undefined;
  /** Sequence of the last chunk that the reader has; 0 for none. */
  readonly after: number;
  /** Ends the iteration without a frame. */
  readonly abortSignal?: AbortSignal | undefined;
  /** How often to look where no signal comes. Default 1,000. */
  readonly pollMs?: number | undefined;
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
}

const pageSize = 1_000;
const nothing: StreamPage = { chunks: [], last: 0, floor: 0 };

/**
 * Frames in batches, as they are found. History first, then `caught-up`, then live, then exactly one terminal frame: `end`,
 * `fail`, or `truncated` for a cursor that is older than what is kept. Rejects only where a store cannot be read for a minute.
 *
 * @throws HelixError `input_invalid` for a part that is missing, and for an `after` that is no sequence: behind it a reader would wait
 *   for ever
 */
export function followSession(options: FollowSessionOptions): AsyncGenerator<readonly StreamFrame[], void, void> {
  for (const [name, what] of parts)
    if (!options?.[name]) throw new HelixError('input_invalid', `followSession: ${name} is missing: give ${what}`);
  checkAfter(options.after);
  return new Follower(options);
}

const parts = [
  ['stateStore', 'that of the executor'],
  ['streamManager', 'that of the executor'],
  ['clock', 'resolvePorts().clock, or that of a test'],
] as const;

function checkAfter(after: unknown): void {
  if (Number.isSafeInteger(after) && (after as number) >= 0) return;
  throw new HelixError(
    'input_invalid',
    `after must be the sequence of a chunk, or 0 for none, got ${typeof after === 'string' ? JSON.stringify(after) : String(after)}`,
  );
}

type Batch = IteratorResult<readonly StreamFrame[], void>;

const over: Batch = { done: true, value: undefined };

/** A generator written out: what a reader costs is how many promises stand between a chunk and it. */
class Follower implements AsyncGenerator<readonly StreamFrame[], void, void> {
  readonly #options: FollowSessionOptions;
  readonly #followed: FollowedRun;
  readonly #frames: RunFrames;
  readonly #wake: WakeUp;
  readonly #patience: Patience;
  #endPause = () => {};
  #stops: readonly (() => void)[] = [];
  #state: 'new' | 'open' | 'over' = 'new';
  #turns = 0;
  #lastTurn: Promise<unknown> = Promise.resolve();
  /** Whether there may be chunks behind the cursor. */
  #mayHaveMore = true;
  #caughtUp = false;
  /** The terminal frame, once the record has it, behind what is missing; it is told where nothing came after it. */
  #ended: readonly StreamFrame[] | null = null;

  constructor(options: FollowSessionOptions) {
    this.#options = options;
    this.#followed = new FollowedRun(options);
    this.#frames = new RunFrames(options.after);
    this.#wake = new WakeUp(options.clock);
    this.#patience = new Patience(options.clock);
  }

  /** One after the other, also where they are asked for at once. */
  next(): Promise<Batch> {
    this.#turns += 1;
    const pull = () => this.#pull();
    const turn = this.#turns > 1 ? this.#lastTurn.then(pull, pull) : pull();
    this.#lastTurn = turn;
    return turn;
  }

  /** Also ends a `next` that waits. */
  async return(): Promise<Batch> {
    this.#stop();
    return over;
  }

  async throw(error: unknown): Promise<Batch> {
    this.#stop();
    throw error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #pull(): Promise<Batch> {
    try {
      if (this.#state === 'new' && !this.#isOver()) this.#begin();
      while (!this.#isOver()) {
        try {
          const value = await this.#look();
          if (value.length > 0) return { done: false, value };
        } catch (error) {
          await this.#outlast(error);
        }
      }
      this.#stop();
      return over;
    } catch (error) {
      this.#stop();
      throw error;
    } finally {
      this.#turns -= 1;
    }
  }

  /** One page, the end, or a wait for either. */
  async #look(): Promise<readonly StreamFrame[]> {
    if (!this.#followed.isFound && !(await this.#find())) return this.#last(this.#followed.noSession());
    if (!this.#mayHaveMore) {
      if (this.#followed.isWorthAsking()) this.#ended = await this.#followed.terminal(this.#frames.cursor);
      if (!this.#ended) await this.#sleep();
      if (this.#isOver()) return [];
    }
    this.#mayHaveMore = true;
    const frames = this.#take(await this.#read());
    this.#patience.renew();
    return frames;
  }

  async #find(): Promise<boolean> {
    const isFound = await this.#followed.find();
    if (isFound && !this.#isOver()) this.#watchStream(this.#followed.streamId);
    return isFound;
  }

  async #sleep(): Promise<void> {
    await this.#wake.sleep(this.#followed.lookAgainMs(this.#options.pollMs ?? 1_000));
    const rung = this.#wake.wasRung();
    this.#followed.headChanged ||= !rung;
  }

  /** The run goes on while its store cannot be read, and so does the reading. */
  async #outlast(error: unknown): Promise<void> {
    if (this.#isOver()) return;
    if (!this.#patience.mayRepeat(error)) throw error;
    this.#followed.headChanged = true;
    this.#mayHaveMore = true;
    await this.#pause(this.#patience.pauseMs);
  }

  /** Signals do not end it: they would make a reader ask a store that is away as often as it can. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(ms, resolve);
      this.#endPause = () => {
        cancel();
        resolve();
      };
    });
  }

  #begin(): void {
    const { stateStore, sessionId, abortSignal } = this.#options;
    this.#state = 'open';
    // At once: who lets go may never ask again.
    const end = () => this.#stop();
    abortSignal?.addEventListener('abort', end, { once: true });
    this.#stops = [
      stateStore.signals.watch(sessionId, () => {
        this.#followed.headChanged = true;
        this.#wake.ring();
      }),
      () => abortSignal?.removeEventListener('abort', end),
    ];
  }

  #watchStream(streamId: string): void {
    this.#stops = [...this.#stops, this.#options.streamManager.watch(streamId, this.#wake.ring)];
  }

  #stop(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#wake.stop();
    this.#endPause();
    for (const stop of this.#stops) stop();
  }

  #isOver(): boolean {
    return this.#state === 'over' || (this.#options.abortSignal?.aborted ?? false);
  }

  #read(): StreamPage | Promise<StreamPage> {
    const { streamId, until } = this.#followed;
    const { cursor } = this.#frames;
    const room = Math.min(until - cursor, pageSize);
    return room > 0 ? this.#options.streamManager.read(streamId, cursor, room) : nothing;
  }

  /** The frames of a page, and what follows from its being the last one. */
  #take({ chunks, last, floor }: StreamPage): readonly StreamFrame[] {
    if (floor > this.#frames.cursor) return this.#last(truncatedFrame(floor));
    const { run, until, stands } = this.#followed;
    // Only where nothing came after it is an end the end. What the reader got of an attempt that the next run superseded, or for which the
    // record does not stand, goes before.
    if (this.#ended && chunks.length === 0)
      return this.#last(...this.#frames.withdraw(Math.min(until, stands)), ...this.#ended);
    const frames = this.#frames.of(run, chunks);
    this.#followed.headChanged ||= this.#ended !== null;
    this.#ended = null;
    const { cursor } = this.#frames;
    this.#mayHaveMore = chunks.length > 0 && cursor < Math.min(last, until);
    if (this.#mayHaveMore || this.#caughtUp) return frames;
    this.#caughtUp = true;
    return [...frames, { type: 'caught-up', sequence: cursor }];
  }

  /** Frames behind which there are none. */
  #last(...frames: readonly StreamFrame[]): readonly StreamFrame[] {
    this.#stop();
    return frames;
  }
}
