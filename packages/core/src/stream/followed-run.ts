import type { SessionStateStore } from '../contracts/session-state-store.ts';
import { HelixError } from '../errors/helix-error.ts';
import type { Clock } from '../ports/ports.ts';
import type { ChunkBase } from '../session/chunk.ts';
import type { HeadRow } from '../session/commit.ts';
import type { RunRecord } from '../session/run.ts';
import type { SessionSnapshot } from '../session/snapshot.ts';
import { streamIdOf } from '../session/stream-id.ts';
import { wakeAtOf } from '../session/wake-at.ts';
import { runTerminal } from './run-terminal.ts';
import { failFrame, type StreamFrame } from './stream-frame.ts';

/** How long chunks are waited for that the record says exist: their writer may have died with them. */
const missingChunksMs = 2_000;
/** How soon after a look at the head the next one is worth its query, where only chunks came. */
const headEveryMs = 100;

/** What the record is asked for. */
export interface FollowedRunOptions {
  readonly stateStore: Pick<SessionStateStore, 'head' | 'load' | 'findEndedRun'>;
  readonly sessionId: string;
  /** Default: the current one when it is found. */
  readonly runId?: string | undefined;
  /** Sequence from which its stream is read. */
  readonly after: number;
  readonly clock: Pick<Clock, 'monotonic'>;
}

interface Found {
  readonly run: RunRecord;
  readonly streamId: string;
  /** What chunks of it come from; not the session, which may be large. */
  readonly origin: Pick<ChunkBase, 'agentId' | 'agentType' | 'timestamp'>;
}

/** A run as the record has it: where its part of the stream lies, and how it ended. */
export class FollowedRun {
  readonly #options: FollowedRunOptions;
  #found: Found | undefined;
  /** The run after it began here: what lies behind is not this run's. */
  until = Infinity;
  /** The record, as it was at the end, stands for nothing behind this. */
  stands = Infinity;
  /** The head was written since it was asked, or may have been. */
  headChanged = true;
  #headOwed = false;
  #headAt = -Infinity;
  #missingSince: number | null = null;

  constructor(options: FollowedRunOptions) {
    this.#options = options;
  }

  get isFound(): boolean {
    return this.#found !== undefined;
  }

  /** Where the session is streamed. Only of a run that was found. */
  get streamId(): string {
    return this.#known.streamId;
  }

  /** Only of a run that was found. */
  get run(): RunRecord {
    return this.#known.run;
  }

  get #known(): Found {
    if (this.#found) return this.#found;
    throw new HelixError('framework_internal', 'a run is read that was not found');
  }

  /** How soon to look again where nothing tells to. */
  lookAgainMs(pollMs: number): number {
    return this.#headOwed || this.#missingSince !== null ? Math.min(headEveryMs, pollMs) : pollMs;
  }

  /** Finds it, or how it ended since. What was found before stays where it is not there any more. */
  async find(): Promise<boolean> {
    const { stateStore, sessionId, runId = this.#found?.run.runId } = this.#options;
    const session = await stateStore.load(sessionId);
    const current = session?.run;
    if (!session || !current) return false;
    if (runId === undefined || runId === current.runId) return this.#keep(session, current, Infinity);
    const earlier = await stateStore.findEndedRun(sessionId, { runId });
    return earlier !== null && this.#keep(session, earlier.run, (earlier.next ?? current).startSequence);
  }

  #keep(session: SessionSnapshot, run: RunRecord, until: number): true {
    const { sessionId: agentId, agentType, updatedAt: timestamp } = session;
    this.#found = { run, streamId: streamIdOf(session), origin: { agentId, agentType, timestamp } };
    this.until = until;
    return true;
  }

  /** Whether the head is to be asked now; where it was a moment ago and only chunks came since, it waits. */
  isWorthAsking(): boolean {
    const soon = this.#options.clock.monotonic() - this.#headAt < headEveryMs;
    this.#headOwed = soon && !this.headChanged && this.#missingSince === null;
    return !this.#headOwed;
  }

  /** The end, once the record tells it and every chunk that it stands for was read, or was waited for in vain. */
  async terminal(cursor: number): Promise<readonly StreamFrame[] | null> {
    const { stateStore, sessionId, clock } = this.#options;
    this.headChanged = false;
    this.#headAt = clock.monotonic();
    const head = await stateStore.head(sessionId);
    if (!head) return [this.noSession()];
    if (!this.#goesOn(head)) return this.#terminalOf(await stateStore.load(sessionId), cursor);
    this.#missingSince = null;
    return null;
  }

  noSession(): StreamFrame {
    const { sessionId, runId } = this.#options;
    const what = runId === undefined ? `there is no session ${sessionId}` : `session ${sessionId} has no run ${runId}`;
    return failFrame(new HelixError('state_session_not_found', what).toDetail(), false);
  }

  #goesOn({ runId, phase }: HeadRow): boolean {
    return runId === this.run.runId && (phase === 'queued' || phase === 'running');
  }

  async #terminalOf(session: SessionSnapshot | null, cursor: number): Promise<readonly StreamFrame[] | null> {
    if (!session) return [this.noSession()];
    const { run, streamSequence, streamSure } = session;
    if (run?.runId !== this.run.runId) return (await this.find()) ? this.#end(cursor, this.until) : [this.noSession()];
    this.#keep(session, run, Infinity);
    // An answer or a stop was delivered to the parked run: it goes on by itself.
    if (wakeAtOf(session) === 0) return null;
    // Who begins there has read the record.
    const sure = this.#options.after === streamSequence ? streamSequence : (streamSure ?? streamSequence);
    this.stands = sure;
    return this.#end(cursor, streamSequence, sure < streamSequence);
  }

  #end(cursor: number, stands: number, isUnsure = false): readonly StreamFrame[] | null {
    const terminal = runTerminal(this.run);
    if (!terminal || (cursor >= stands && !isUnsure)) return terminal && [terminal];
    this.#missingSince ??= this.#options.clock.monotonic();
    const isOver = this.#options.clock.monotonic() - this.#missingSince >= missingChunksMs;
    return isOver ? [this.#gapTo(stands), terminal] : null;
  }

  /** What an owner marks that goes on with the session; nobody went on. */
  #gapTo(sequence: number): StreamFrame {
    const { origin, run } = this.#known;
    const { runId, stepCount: step } = run;
    return { type: 'chunk', sequence, chunk: { ...origin, runId, step, attempt: 1, type: 'gap' } };
  }
}
