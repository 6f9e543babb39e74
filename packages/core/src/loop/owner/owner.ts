import type { Agent } from '../../agent/agent.ts';
import type { LLMAdapter } from '../../contracts/llm-adapter.ts';
import type { SessionStateStore } from '../../contracts/session-state-store.ts';
import { HelixError } from '../../errors/helix-error.ts';
import { Outage } from '../../ports/outage.ts';
import type { RuntimePorts } from '../../ports/ports.ts';
import type { HeadRow } from '../../session/commit.ts';
import type { NewMessage } from '../../session/message.ts';
import { isLive, type RunRecord } from '../../session/run.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import type { ChunkPlace } from '../../stream/chunk-buffer.ts';
import { isSameHold } from '../lease/held-session.ts';
import type { OwnerLease } from '../lease/lease-guard.ts';
import type { Boundary } from './boundaries.ts';
import type { ChunkSink } from './chunk-sink.ts';
import { isSameClosing, type Closing } from './closing.ts';
import { Cut, leftBehind, lost, stopped } from './cut.ts';
import type { Draft } from './draft.ts';
import { HookRunner } from './hook-runner.ts';
import { readSurely } from './read-surely.ts';
import { OwnerStream } from './owner-stream.ts';
import { Transcript } from './transcript.ts';

const outageWords = {
  begins: 'could not look for what outsiders wrote; the next commit will tell',
  ends: 'what outsiders wrote was looked for again',
};

/** Everything that an {@link Owner} works with; a runtime supplies it. */
export interface OwnerParts {
  readonly agent: Agent;
  readonly store: SessionStateStore;
  readonly llm: LLMAdapter;
  readonly ports: RuntimePorts;
  readonly chunks: ChunkSink;
  readonly lease: OwnerLease;
  /** Told at each boundary; tests kill the process there. */
  readonly reached?: ((boundary: Boundary) => void) | undefined;
}

/**
 * One process's hold on one session: the snapshot as this owner knows it, and everything needed to move it on. Owns no timers
 * and no connections.
 */
export class Owner {
  readonly parts: OwnerParts;
  readonly transcript: Transcript;
  readonly hooks: HookRunner;
  readonly stream: OwnerStream;
  readonly #inputs = new Map<string, unknown>();
  readonly #cut: Cut;
  readonly #outage: Outage;
  /** The step that was closed last, and what came of it. */
  #closed: { readonly version: number; readonly closing: Closing; readonly draft: Draft | Promise<Draft> } | undefined;
  #session: SessionSnapshot;
  #landing = false;

  constructor(session: SessionSnapshot, parts: OwnerParts) {
    this.#session = session;
    this.parts = parts;
    this.stream = new OwnerStream(session, parts.chunks);
    this.#cut = new Cut(session.sessionId, parts.ports.clock);
    // Of one that an owner before was asked for, nobody tells anew.
    if (hasStop(session)) this.#cut.end('stop');
    this.#outage = new Outage(parts.ports, outageWords, { sessionId: session.sessionId });
    this.transcript = new Transcript((after, limit) =>
      readSurely(parts, () => parts.store.messagesAfter(session.sessionId, after, limit)),
    );
    this.hooks = new HookRunner(this);
  }

  get session(): SessionSnapshot {
    return this.#session;
  }

  /** Aborted when work in flight must end: a stop arrived, or the lease is lost. */
  get signal(): AbortSignal {
    return this.#cut.signal;
  }

  /** Whether work in flight must end. */
  get isCut(): boolean {
    return this.#cut.ended;
  }

  /** The run that is worked on. */
  get run(): RunRecord {
    const { run } = this.#session;
    if (!isLive(run)) throw new HelixError('framework_internal', `session ${this.#session.sessionId} has no live run`);
    return run;
  }

  /** In a session time does not go back: an owner whose clock is behind must see the deadline for which the store woke it. */
  get now(): number {
    return Math.max(this.#session.updatedAt, this.parts.ports.clock.now());
  }

  /** The only way to a new snapshot: a commit that landed, or a fresh read. */
  moveTo(session: SessionSnapshot, appended: readonly NewMessage[] = []): void {
    this.transcript.append(session.messageCount - appended.length, appended);
    this.#session = session;
    this.stream.standAt(session);
  }

  /** Reads again what outsiders wrote. Rejects with `state_lease_lost` where the session moved on without us. */
  async reload(): Promise<void> {
    const { sessionId } = this.#session;
    const fresh = await readSurely(this.parts, () => this.parts.store.load(sessionId));
    // Also where it is as far as ours: a session that was deleted may be made anew under its id.
    if (fresh?.lastToken !== this.#session.lastToken) throw lost(sessionId);
    this.#session = fresh;
    if (hasStop(fresh)) this.#cut.end('stop');
  }

  /** Somebody says that outsiders wrote: a stop among it cuts what is in flight. Never rejects. */
  async look(): Promise<void> {
    try {
      await this.#look();
      this.#outage.answered();
    } catch (error) {
      this.#outage.failed(error);
    }
  }

  async #look(): Promise<void> {
    const { store } = this.parts;
    const { sessionId } = this.#session;
    // Most signals are the echo of our own commits: the head says so, and costs less than the session.
    const head = await store.head(sessionId);
    // Hooks after the end run on, also into the next turn.
    if (!isLive(this.#session.run)) return;
    if (!this.#isOurs(head)) return this.lose();
    if (head.inbox <= this.#session.inbox) return;
    const fresh = await store.load(sessionId);
    if (!fresh || !isSameHold(fresh, this.#session)) return;
    if (fresh.lastToken === this.#session.lastToken && fresh.inbox > this.#session.inbox) this.#session = fresh;
    if (hasStop(fresh)) this.#cut.end('stop');
  }

  /** Not where another owner took over, nor where the session was deleted, also if one was made anew under its id. */
  #isOurs(head: HeadRow | null): head is HeadRow {
    const { epoch, run } = this.#session;
    return head?.epoch === epoch && head.runId === (run?.runId ?? null);
  }

  /** Whether a stop that cut the work is not known to the snapshot yet: it must be, before anything is decided. */
  get isBehind(): boolean {
    return this.cut() === 'stopped' && !hasStop(this.#session);
  }

  /** The lease is gone: nothing may start or be written any more. */
  lose(): void {
    this.#cut.end('lost');
  }

  /** A model call begins: nothing of the one before goes on, but for what is in the record. */
  beginAttempt(place: ChunkPlace): void {
    this.stream.begin(place);
    this.#inputs.clear();
  }

  /** Inputs of open calls as their schema read them; after a crash they are read again from the record. */
  get inputs(): ReadonlyMap<string, unknown> {
    return this.#inputs;
  }

  keepInput(callId: string, input: unknown): void {
    this.#inputs.set(callId, input);
  }

  /** Whether a commit left since the last decision was begun: this owner is to move on with what it leads to. */
  get isLanding(): boolean {
    return this.#landing;
  }

  /** A commit leaves. */
  land(): void {
    this.#landing = true;
  }

  /** A decision is to be performed: what the commit before led to is behind. */
  begin(): void {
    this.#landing = false;
  }

  /** What the end of a step comes to, found once: where its commit was refused because outsiders wrote, hooks do not hear of it anew. */
  closeOnce(closing: Closing, close: () => Draft | Promise<Draft>): Draft | Promise<Draft> {
    const { version } = this.#session;
    if (this.#closed?.version !== version || !isSameClosing(this.#closed.closing, closing))
      this.#closed = { version, closing, draft: close() };
    return this.#closed.draft;
  }

  reached(boundary: Boundary): void {
    this.parts.reached?.(boundary);
  }

  /** Before an effect: what to wait for where the lease is not safe, and nothing where it is. Ask {@link cut} afterwards. */
  untilSafe(): Promise<void> | undefined {
    const { lease } = this.parts;
    return lease.mayStartEffect() ? undefined : lease.untilSafe();
  }

  /** Whether work goes on; throws `state_lease_lost` where the session is not ours any more. */
  cut(): 'go' | 'stopped' {
    return this.#cut.check();
  }

  /** Waits for foreign work until a stop, and `graceMs` beyond. Rejects as it does, or with `state_lease_lost`. */
  unlessStopped<T>(work: Promise<T>, graceMs = 0): Promise<T | typeof stopped> {
    return this.#cut.unlessStopped(work, graceMs);
  }

  /** Waits for code of the user that owes an answer. Rejects as it does, and as {@link leftBehind} where a stop found it running. */
  async awaitUserCode<T>(work: Promise<T>, what: string): Promise<T> {
    const answer = await this.unlessStopped(work, this.parts.ports.limits.stopGraceMs);
    if (answer === stopped) throw leftBehind(what);
    return answer;
  }
}

function hasStop({ unread, run }: SessionSnapshot): boolean {
  return unread.some(({ item }) => item.kind === 'stop' && item.runId === run?.runId);
}
