/**
 * Reads one run of a session's stream: what there is, then what comes, then how it ended.
 *
 * 1. The cursor only rises, and every page is read from it: nothing is repeated, nothing is left out.
 * 2. The end is read from the record, never from the stream (S9): a crash between the last commit and the stream's end cannot
 *    hang a reader.
 * 3. It holds at most one page: a slow reader delays itself alone.
 */
import type { HeadRow } from '../session/commit.ts';
import type { SessionStateStore } from '../contracts/session-state-store.ts';
import type { StreamManager, StreamPage } from '../contracts/stream-manager.ts';
import { HelixError } from '../errors/helix-error.ts';
import type { Clock } from '../ports/ports.ts';
import type { RunRecord } from '../session/run.ts';
import { wakeAtOf } from '../session/wake-at.ts';
import { runTerminal } from './run-terminal.ts';
import { failFrame, truncatedFrame, type StreamFrame } from './stream-frame.ts';
import { WakeUp } from './wake-up.ts';

/** What {@link followSession} takes. */
export interface FollowSessionOptions {
  readonly stateStore: Pick<SessionStateStore, 'head' | 'load' | 'listRuns' | 'signals'>;
  readonly streamManager: Pick<StreamManager, 'read' | 'watch'>;
  readonly sessionId: string;
  /** The run to follow. Default: the current one. */
  readonly runId?: string;
  /** Sequence of the last chunk that the reader has; 0 for none. */
  readonly after: number;
  /** Ends the iteration without a frame. */
  readonly abortSignal?: AbortSignal;
  /** How often to look where no signal comes. Default 1,000. */
  readonly pollMs?: number;
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
}

const pageSize = 1_000;
const nothing: StreamPage = { chunks: [], last: 0, floor: 0 };
/** How long chunks are waited for that the record says exist: their writer may have died with them. */
const missingChunksMs = 2_000;
/** How soon after a look at the head the next one is worth its query, where only chunks came. */
const headEveryMs = 100;

/**
 * Frames in batches, as they are found. History first, then `caught-up`, then live, then exactly one terminal frame: `end`,
 * `fail`, or `truncated` for a cursor that is older than what is kept. Rejects only where a store cannot be read.
 */
export async function* followSession(
  options: FollowSessionOptions,
): AsyncGenerator<readonly StreamFrame[], void, void> {
  const follower = new Follower(options);
  try {
    yield* follower.frames();
  } finally {
    follower.stop();
  }
}

/** The run that is followed, and where its part of the stream lies. */
interface Followed {
  readonly run: RunRecord;
  /** The run after it began here: what lies behind is not this run's. */
  readonly until: number;
}

class Follower {
  readonly #options: FollowSessionOptions;
  readonly #wake = new WakeUp();
  readonly #stops: (() => void)[];
  /** Sequence of the last chunk that was read. */
  #cursor: number;
  /** Sequence of the last chunk that the reader has. */
  #has: number;
  #caughtUp = false;
  #runId: string | undefined;
  /** Whether the head is worth a query at once, or only when it was not asked for a while. */
  #headChanged = true;
  #headOwed = false;
  #headAt = -Infinity;
  #missingSince: number | null = null;

  constructor(options: FollowSessionOptions) {
    this.#options = options;
    this.#cursor = options.after;
    this.#has = options.after;
    const { streamManager, stateStore, sessionId, abortSignal } = options;
    abortSignal?.addEventListener('abort', this.#wake.ring, { once: true });
    this.#stops = [
      streamManager.watch(sessionId, this.#wake.ring),
      stateStore.signals.watch(sessionId, () => {
        this.#headChanged = true;
        this.#wake.ring();
      }),
      () => abortSignal?.removeEventListener('abort', this.#wake.ring),
    ];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  async *frames(): AsyncGenerator<readonly StreamFrame[], void, void> {
    const { streamManager, sessionId } = this.#options;
    let followed = await this.#find();
    if (!followed) return yield [this.#noSession()];
    let ended: StreamFrame | null = null;
    while (!this.#aborted()) {
      const room = Math.min(followed.until - this.#cursor, pageSize);
      const page = room > 0 ? await streamManager.read(sessionId, this.#cursor, room) : nothing;
      if (page.floor > this.#cursor) return yield [truncatedFrame(page.floor)];
      const frames = this.#take(page, followed);
      if (frames.length > 0) yield frames;
      // Only where nothing came after it is an end the end.
      if (ended && page.chunks.length === 0) return yield [...this.#withdrawn(followed), ended];
      this.#headChanged ||= ended !== null;
      ended = null;
      if (page.chunks.length > 0) continue;
      if (!this.#caughtUp) yield [this.#nowLive()];
      ended = await this.#terminal();
      if (ended) followed = (await this.#find()) ?? followed;
      else await this.#sleep();
    }
  }

  /** The frames of a page. What a chunk of the same page withdraws is left out. */
  #take({ chunks }: StreamPage, { run }: Followed): StreamFrame[] {
    const frames: StreamFrame[] = [];
    for (const { sequence, chunk } of chunks) {
      this.#cursor = sequence;
      // Behind the start lie also the last words of a former run's owner, until it was fenced.
      if (chunk.runId !== run.runId && sequence > run.startSequence) continue;
      if (chunk.type === 'rewound') this.#rewind(frames, sequence, chunk.toSequence);
      else frames.push({ type: 'chunk', sequence, chunk });
    }
    const last = frames.at(-1);
    if (last && 'sequence' in last) this.#has = last.sequence;
    return frames;
  }

  #rewind(frames: StreamFrame[], sequence: number, toSequence: number): void {
    const kept = frames.findLastIndex((frame) => frame.type !== 'chunk' || frame.sequence <= toSequence);
    frames.length = kept + 1;
    if (this.#has > toSequence) frames.push({ type: 'rewound', sequence, toSequence });
  }

  /** What the reader got of an attempt that the next run superseded. */
  #withdrawn({ until }: Followed): StreamFrame[] {
    return this.#has > until ? [{ type: 'rewound', sequence: this.#cursor, toSequence: until }] : [];
  }

  #nowLive(): StreamFrame {
    this.#caughtUp = true;
    return { type: 'caught-up', sequence: this.#cursor };
  }

  /** The end, once the record tells it and every chunk that it stands for was read. */
  async #terminal(): Promise<StreamFrame | null> {
    const { stateStore, sessionId, clock } = this.#options;
    const soon = clock.monotonic() - this.#headAt < headEveryMs;
    this.#headOwed = soon && !this.#headChanged && this.#missingSince === null;
    if (this.#headOwed) return null;
    this.#headChanged = false;
    this.#headAt = clock.monotonic();
    const head = await stateStore.head(sessionId);
    if (!head) return this.#noSession();
    if (this.#goesOn(head)) {
      this.#missingSince = null;
      return null;
    }
    const [followed, session] = await Promise.all([this.#find(), stateStore.load(sessionId)]);
    if (!followed || !session) return this.#noSession();
    const current = session.run?.runId === followed.run.runId;
    // An answer or a stop was delivered to the parked run: it goes on by itself.
    if (current && wakeAtOf(session) === 0) return null;
    const stands = current ? session.streamSequence : followed.until;
    return this.#isComplete(stands) ? runTerminal(followed.run) : null;
  }

  #goesOn({ runId, phase }: HeadRow): boolean {
    return runId === this.#runId && (phase === 'queued' || phase === 'running');
  }

  #isComplete(stands: number): boolean {
    if (this.#cursor >= stands) return true;
    this.#missingSince ??= this.#options.clock.monotonic();
    return this.#options.clock.monotonic() - this.#missingSince >= missingChunksMs;
  }

  async #find(): Promise<Followed | null> {
    const runs = await this.#options.stateStore.listRuns(this.#options.sessionId);
    this.#runId ??= this.#options.runId ?? runs.at(-1)?.runId;
    const index = runs.findIndex(({ runId }) => runId === this.#runId);
    const run = runs[index];
    return run ? { run, until: runs[index + 1]?.startSequence ?? Infinity } : null;
  }

  async #sleep(): Promise<void> {
    const { pollMs = 1_000, clock } = this.#options;
    const soon = this.#headOwed || this.#missingSince !== null;
    const rung = await this.#wake.sleep(soon ? Math.min(headEveryMs, pollMs) : pollMs, clock);
    if (!rung) this.#headChanged = true;
  }

  #aborted(): boolean {
    return this.#options.abortSignal?.aborted ?? false;
  }

  #noSession(): StreamFrame {
    const { sessionId, runId } = this.#options;
    const what = runId === undefined ? `there is no session ${sessionId}` : `session ${sessionId} has no run ${runId}`;
    return failFrame(new HelixError('state_session_not_found', what).toDetail(), false);
  }
}
