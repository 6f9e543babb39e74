import {
  findRun,
  followSession,
  HelixError,
  patiently,
  statusOf,
  WakeUp,
  type Agent,
  type AgentExecutionHandle,
  type AgentExecutor,
  type AgentResult,
  type AgentState,
  type CanResumeResult,
  type Json,
  type ResumeOptions,
  type RunRecord,
  type SessionHost,
  type SessionSnapshot,
  type StopKind,
  type StreamChunk,
  type StreamManager,
  type UsageRollup,
} from '@helix-agents/core';
import { Attendant } from './attendant.ts';
import { RunChunks } from './run-chunks.ts';

interface HandleParts {
  readonly executor: AgentExecutor;
  readonly host: SessionHost;
  readonly streams: StreamManager;
  readonly agent: Agent;
  readonly sessionId: string;
  readonly runId: string;
  /** Stops this run, and no later one. */
  readonly stop: (stop: StopKind, reason?: string) => Promise<void>;
}

/** A run, and the session as it was read with it. */
interface Found {
  readonly run: RunRecord;
  readonly session: SessionSnapshot;
}

/** How often the store is asked where no signal comes. */
const pollMs = 1_000;

/** A run as seen through the store: it makes no difference which process drives it. */
export class JSExecutionHandle<TOutput, TState> implements AgentExecutionHandle<TOutput, TState> {
  readonly sessionId: string;
  readonly runId: string;
  readonly #of: HandleParts;

  constructor(of: HandleParts) {
    this.sessionId = of.sessionId;
    this.runId = of.runId;
    this.#of = of;
  }

  async stream({
    after,
    abortSignal,
  }: {
    readonly after?: number | undefined;
    readonly abortSignal?: AbortSignal | undefined;
  } = {}): Promise<AsyncIterable<StreamChunk> | null> {
    const { host, streams, agent } = this.#of;
    const { store, ports } = host.parts;
    const found = await patiently(ports, () => this.#find(), abortSignal);
    if (!found) return null;
    const frames = followSession({
      stateStore: store,
      streamManager: streams,
      clock: ports.clock,
      sessionId: this.sessionId,
      runId: this.runId,
      after: after ?? found.run.startSequence,
      abortSignal,
    });
    const origin = { agentId: this.sessionId, agentType: agent.name, runId: this.runId, step: 0, attempt: 1 };
    const attendant = new Attendant(ports.clock, () => this.#takeUp());
    return new RunChunks(frames, () => ({ ...origin, timestamp: ports.clock.now() }), attendant);
  }

  async result({ abortSignal }: { readonly abortSignal?: AbortSignal | undefined } = {}): Promise<
    AgentResult<TOutput>
  > {
    const { host } = this.#of;
    const { ports } = host.parts;
    for (;;) {
      abortSignal?.throwIfAborted();
      const left = await unlessAborted(host.untilLeft(this.sessionId), abortSignal);
      const found = this.#restsIn(left) ?? (await patiently(ports, () => this.#find(), abortSignal));
      if (!found) throw this.#gone();
      if (rests(found.run)) return toResult<TOutput>(found);
      if (await patiently(ports, () => this.#takeUp(), abortSignal)) continue;
      await this.#change(abortSignal);
    }
  }

  async abort(reason?: string): Promise<void> {
    await this.#of.stop('abort', reason);
  }

  async interrupt(reason?: string): Promise<void> {
    await this.#of.stop('interrupt', reason);
  }

  async getState<TAs = unknown extends TState ? Json : TState>(): Promise<AgentState<TAs, TOutput>> {
    const { store } = this.#of.host.parts;
    const session = await store.load(this.sessionId);
    if (!session) throw this.#gone();
    const messages = await store.messagesAfter(this.sessionId, 0);
    return toState<TAs, TOutput>(session, messages);
  }

  async canResume(): Promise<CanResumeResult> {
    return this.#of.executor.canResume(this.#of.agent, this.sessionId);
  }

  async resume(options?: ResumeOptions): Promise<AgentExecutionHandle<TOutput, TState>> {
    const { executor, agent } = this.#of;
    return executor.resume(agent, this.sessionId, options) as Promise<AgentExecutionHandle<TOutput, TState>>;
  }

  async getUsageRollup(): Promise<UsageRollup> {
    const session = await this.#of.host.parts.store.load(this.sessionId);
    if (!session) throw this.#gone();
    return session.usage;
  }

  /** A run whose owner is gone goes on here; not in an executor that was closed, which leaves it to others. */
  async #takeUp(): Promise<boolean> {
    const { host, agent } = this.#of;
    return !host.closed && host.lookAfter(agent, this.sessionId);
  }

  /** What this process just wrote need not be read again. */
  #restsIn(session: SessionSnapshot | undefined): Found | null {
    if (!session?.run || session.run.runId !== this.runId || !rests(session.run)) return null;
    return { run: session.run, session };
  }

  /** The run, also when later runs of the session came after it. */
  async #find(): Promise<Found | null> {
    const { store } = this.#of.host.parts;
    const session = await store.load(this.sessionId);
    if (!session) return null;
    const run = await findRun(store, session, { runId: this.runId });
    return run && { run, session };
  }

  async #change(abortSignal: AbortSignal | undefined): Promise<void> {
    const { store, ports } = this.#of.host.parts;
    const bell = new WakeUp(ports.clock);
    const unwatch = store.signals.watch(this.sessionId, bell.ring);
    abortSignal?.addEventListener('abort', bell.ring, { once: true });
    await bell.sleep(pollMs);
    bell.stop();
    abortSignal?.removeEventListener('abort', bell.ring);
    unwatch();
  }

  #gone(): HelixError {
    return new HelixError('state_session_not_found', `there is no session ${this.sessionId} with a run ${this.runId}`);
  }
}

function rests({ phase }: RunRecord): boolean {
  return phase.at === 'ended' || phase.at === 'parked';
}

/** The record keeps a run's status and its details together: that they fit is not asked again here. */
function toResult<TOutput>({ run, session }: Found): AgentResult<TOutput> {
  const { runId, turn, stepCount } = run;
  const base = { status: statusOf(run, session.waits), sessionId: session.sessionId, runId, turn, stepCount };
  return { ...base, ...detailsOf<TOutput>(run, session) } as AgentResult<TOutput>;
}

function detailsOf<TOutput>({ phase }: RunRecord, session: SessionSnapshot): object {
  if (phase.at === 'ended') {
    const { reason: completionReason, stopReason } = phase;
    return { completionReason, ...outcomeOf<TOutput>(phase), ...(stopReason && { stopReason }) };
  }
  if (phase.at !== 'parked') return {};
  const waits = session.waits.filter(({ waitId }) => phase.on.includes(waitId));
  return { suspended: { waitIds: phase.on, toolCallIds: waits.flatMap(({ callId }) => callId ?? []) } };
}

function outcomeOf<TOutput>({
  output,
  error,
}: Extract<RunRecord['phase'], { at: 'ended' }>): Pick<AgentState<unknown, TOutput>, 'output' | 'error'> {
  return { ...(output !== undefined && { output: output as TOutput }), ...(error && { error }) };
}

function toState<TState, TOutput>(
  session: SessionSnapshot,
  messages: AgentState['messages'],
): AgentState<TState, TOutput> {
  const { run, sessionId, agentType, state, waits } = session;
  return {
    sessionId,
    agentType,
    runId: run?.runId ?? null,
    status: run ? statusOf(run, waits) : 'idle',
    turn: run?.turn ?? 0,
    stepCount: run?.stepCount ?? 0,
    customState: state as TState,
    messages,
    ...(run?.phase.at === 'ended' && outcomeOf<TOutput>(run.phase)),
  };
}

/** The end of a wait, or the abort of whoever waits. */
async function unlessAborted<T>(
  waited: Promise<T> | undefined,
  abortSignal: AbortSignal | undefined,
): Promise<T | undefined> {
  if (!waited || !abortSignal) return waited;
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(abortSignal.reason as Error);
  abortSignal.addEventListener('abort', abort, { once: true });
  return Promise.race([waited, aborted.promise]).finally(() => abortSignal.removeEventListener('abort', abort));
}
