// For readers of our declarations: neither the DOM's types nor the standard ones have `Symbol.asyncDispose`.
/// <reference lib="esnext.disposable" preserve="true" />
import {
  checkAgent,
  checkContracts,
  checkId,
  driveSession,
  enterToContinue,
  enterToRetry,
  enterWithMessage,
  HelixError,
  isLive,
  nextEntry,
  recover,
  resolvePorts,
  SessionHost,
  withoutTypes,
  type Agent,
  type AgentExecutionHandle,
  type AgentExecutor,
  type AgentInput,
  type Boundary,
  type CanResumeResult,
  type DriveParts,
  type Entry,
  type ErrorCode,
  type ExecuteOptions,
  type LLMAdapter,
  type PortOptions,
  type RecoveryOptions,
  type ResumeOptions,
  type RunRecord,
  type SessionSnapshot,
  type SessionStateStore,
  type StopKind,
  type StreamManager,
} from '@helix-agents/core';
import { readIdentity, readInput, readResume } from './entry-input.ts';
import { JSExecutionHandle } from './js-execution-handle.ts';

/** What a {@link JSAgentExecutor} takes of its surroundings: limits, logger, spans; in tests also clock, ids and chance. */
export interface JSAgentExecutorOptions extends PortOptions {
  /** Told at each boundary of the loop, by name; for tests that kill the process there. */
  readonly reached?: ((boundary: Boundary) => void) | undefined;
}

/** What sessions are driven with in this process, and read again. */
interface Parts extends DriveParts {
  readonly streams: StreamManager;
}

/**
 * Runs agents in this process. On a durable store nothing is lost with the process: any other one with the same store goes on,
 * see {@link JSAgentExecutor.startRecovery}.
 */
export class JSAgentExecutor implements AgentExecutor {
  readonly #parts: Parts;
  readonly #host: SessionHost;

  /**
   * @throws HelixError `framework_contract_mismatch` for a part of another contract version; `input_invalid` for an option or
   *   limit that does not exist, or with which nothing could run
   */
  constructor(
    stateStore: SessionStateStore,
    streamManager: StreamManager,
    llmAdapter: LLMAdapter,
    options: JSAgentExecutorOptions = {},
  ) {
    checkContracts({ stateStore, streamManager, llmAdapter });
    const { reached, ...ports } = options;
    this.#parts = {
      store: stateStore,
      streams: streamManager,
      llm: llmAdapter,
      ports: resolvePorts(ports),
      reached,
    };
    this.#host = new SessionHost('js', this.#parts, (...drive) => driveSession(this.#parts, ...drive));
  }

  get stateStore(): SessionStateStore {
    return this.#parts.store;
  }

  get streamManager(): StreamManager {
    return this.#parts.streams;
  }

  async execute<TState, TOutput>(
    agent: Agent<TState, TOutput>,
    input: AgentInput<TState>,
    options: ExecuteOptions = {},
  ): Promise<AgentExecutionHandle<TOutput, TState>> {
    const { ids } = this.#parts.ports;
    const { sessionId = ids.next('ses'), mustBeNew = false } = options;
    return this.#enter(enterWithMessage, {
      entry: 'execute',
      agent: withoutTypes(agent),
      ...readInput(input, ids),
      sessionId: checkId('sessionId', sessionId),
      identity: readIdentity(options),
      isNew: options.sessionId === undefined,
      mustBeNew,
    });
  }

  async resume<TState, TOutput>(
    agent: Agent<TState, TOutput>,
    sessionId: string,
    options: ResumeOptions = {},
  ): Promise<AgentExecutionHandle<TOutput, TState>> {
    const base = { entry: 'resume', sessionId: checkId('sessionId', sessionId), agent: withoutTypes(agent) } as const;
    const message = readResume(options);
    if (message === undefined) return this.#enter(enterToContinue, base);
    if (!(await this.#load(base.agent, sessionId))) throw notFound(sessionId);
    return this.#enter(enterWithMessage, { ...base, ...readInput(message, this.#parts.ports.ids) });
  }

  async retry<TState, TOutput>(
    agent: Agent<TState, TOutput>,
    sessionId: string,
  ): Promise<AgentExecutionHandle<TOutput, TState>> {
    const entry = { entry: 'retry', sessionId: checkId('sessionId', sessionId), agent: withoutTypes(agent) } as const;
    return this.#enter(enterToRetry, entry);
  }

  async getHandle<TState, TOutput>(
    agent: Agent<TState, TOutput>,
    sessionId: string,
  ): Promise<AgentExecutionHandle<TOutput, TState> | null> {
    const session = await this.#load(withoutTypes(agent), sessionId);
    if (!session?.run) return null;
    if (isLive(session.run)) await this.#host.takeUp(withoutTypes(agent), sessionId);
    return this.#handle(withoutTypes(agent), sessionId, session.run.runId);
  }

  async interrupt<TState, TOutput>(agent: Agent<TState, TOutput>, sessionId: string, reason?: string): Promise<void> {
    await this.#stop(withoutTypes(agent), sessionId, 'interrupt', reason);
  }

  async abort<TState, TOutput>(agent: Agent<TState, TOutput>, sessionId: string, reason?: string): Promise<void> {
    await this.#stop(withoutTypes(agent), sessionId, 'abort', reason);
  }

  async canResume<TState, TOutput>(agent: Agent<TState, TOutput>, sessionId: string): Promise<CanResumeResult> {
    const run = (await this.#load(withoutTypes(agent), sessionId))?.run;
    if (!run) return { canResume: false, reason: 'not_found' };
    const next = nextEntry(run);
    if (next === 'resume') return { canResume: true };
    if (next === null) return { canResume: false, reason: 'running' };
    return { canResume: false, reason: next === 'execute' ? 'completed' : 'failed_use_retry' };
  }

  /**
   * Takes up what other processes left behind: sessions whose owner died, and those in which something is due. Resolves when the
   * signal aborts. Without it such a session waits until somebody touches it. Warns where no other process would see what is streamed.
   *
   * @throws HelixError `state_store_unsuitable` on a store that does not outlive a process, or behind a pooler that it was not told
   *   of; `state_schema_mismatch` or `state_store_denied` where it was not ready from the beginning: one that fails later is asked again
   *   until it answers; `input_invalid`, naming the option, such as `agents` with a key that is not the name
   */
  async startRecovery(options: RecoveryOptions): Promise<void> {
    warnOfLoneStreams(this.#parts);
    return recover(this.#host, options);
  }

  /**
   * Lets go of every session and of the lease. Nothing more begins; tool bodies that run may end within `limits.drainMs`, and what they
   * come to is recorded, then they are told to stop. Runs in flight are left where they stand: an executor with recovery over the same
   * store goes on with them, or one that is asked for their handle; a `result()` or `stream()` of such a run waits until then. What is
   * asked of this executor afterwards is done, under a new lease that ends by itself with its last use: so end what asks before, a
   * server or a recovery.
   *
   * Never rejects, so that what a shutdown does next is done: over a store that is away, or silent, it waits some 10 s beside the time
   * that tools have to end, the lease ends by itself, and the logger is told.
   */
  async close(): Promise<void> {
    await this.#host.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #enter<TState, TOutput, E extends Entry>(
    enter: (host: SessionHost, entry: E) => Promise<string>,
    entry: E,
  ): Promise<AgentExecutionHandle<TOutput, TState>> {
    this.#mustSupportOutput(entry.agent);
    const runId = await enter(this.#host, entry);
    return this.#handle(entry.agent, entry.sessionId, runId);
  }

  #handle<TState, TOutput>(agent: Agent, sessionId: string, runId: string): AgentExecutionHandle<TOutput, TState> {
    return new JSExecutionHandle<TOutput, TState>({
      executor: this,
      host: this.#host,
      streams: this.#parts.streams,
      agent,
      sessionId,
      runId,
      stop: (stop, reason) => this.#stop(agent, sessionId, stop, reason, runId),
    });
  }

  /** Stops a run, by default the current one; one that is over stays as it is, and says so where that is less than was asked. */
  async #stop(agent: Agent, sessionId: string, stop: StopKind, reason?: string, only?: string): Promise<void> {
    const { store, ports } = this.#parts;
    const session = await this.#load(agent, sessionId);
    if (!session) throw notFound(sessionId);
    const { run } = session;
    if (!run || (only !== undefined && only !== run.runId)) return;
    if (!isLive(run)) return mustBeStopped(run, stop);
    const item = {
      kind: 'stop',
      runId: run.runId,
      stop,
      at: ports.clock.now(),
      ...(reason !== undefined && { reason }),
    } as const;
    const outcome = await store.deliver(sessionId, item);
    if (!outcome.delivered && outcome.reason === 'run-over') {
      const { run: now } = (await this.#load(agent, sessionId)) ?? {};
      return now?.runId === run.runId ? mustBeStopped(now, stop) : undefined;
    }
    await this.#host.takeUp(agent, sessionId);
  }

  #mustSupportOutput(agent: Agent): void {
    if (!agent.policy.owesOutput) return;
    const support = this.#parts.llm.checkCompletionSupport?.(agent.llmConfig);
    if (!support || support.supported) return;
    throw new HelixError('framework_completion_schema_unsupported', `agent ${agent.name}: ${support.reason}`);
  }

  /** A session as its own agent finds it. */
  async #load(agent: Agent, sessionId: string): Promise<SessionSnapshot | null> {
    const session = await this.#parts.store.load(checkId('sessionId', sessionId));
    if (session) checkAgent(session, agent);
    return session;
  }
}

function notFound(sessionId: string): HelixError {
  return new HelixError('state_session_not_found', `there is no session ${sessionId}`);
}

/** One process alone may do with streams of its own, so this is no reason to refuse. */
function warnOfLoneStreams({ store, streams, ports }: Parts): void {
  if (store.durability !== 'commit' || streams.durability !== 'none') return;
  const problem =
    "the stream manager is of durability 'none': other processes see a reply only once it is in the record";
  const nextStep = 'Where there are other processes, give the executor a stream manager that they share.';
  ports.logger.log('warn', problem, { code: 'state_store_unsuitable' satisfies ErrorCode, nextStep });
}

/** An abort comes too late for a run that an interrupt ended: `resume` goes on with it. */
function mustBeStopped({ runId, phase }: RunRecord, stop: StopKind): void {
  if (stop === 'interrupt' || phase.at !== 'ended' || phase.outcome !== 'interrupted') return;
  throw new HelixError('state_run_over', `the run ${runId} was interrupted before; it is over, and can be resumed`);
}
