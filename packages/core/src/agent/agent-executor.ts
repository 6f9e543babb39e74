import type { SessionStateStore } from '../contracts/session-state-store.ts';
import type { StreamManager } from '../contracts/stream-manager.ts';
import type { ErrorDetail } from '../errors/helix-error.ts';
import type { StreamChunk } from '../session/chunk.ts';
import type { MessagePart, MessageRecord } from '../session/message.ts';
import type { CompletionReason, UnusualStop } from '../session/run.ts';
import type { SessionIdentity } from '../session/snapshot.ts';
import type { RunStatus } from '../session/status.ts';
import type { UsageRollup } from '../session/usage.ts';
import type { Json } from '../values/json.ts';
import type { Agent } from './agent.ts';

/** What an agent is given: a text, or a text with more. */
export type AgentInput<TState = unknown> =
  | string
  | {
      readonly message: string | readonly MessagePart[];
      /** Top-level fields of the custom state to set before the run. One that the `stateSchema` would drop is refused. */
      readonly state?: { readonly [Field in keyof TState]?: TState[Field] | undefined } | undefined;
      /** Key of the turn: the same id again answers with the run that it made. Default: a new id. */
      readonly messageId?: string | undefined;
    };

/**
 * What `execute` takes beside the message. The identity is stored where the session is made; afterwards a `userId` that is not
 * the session's is answered as if there were no such session.
 */
export interface ExecuteOptions extends SessionIdentity {
  /** The session to continue, or the id of a new one. Default: a new id. */
  readonly sessionId?: string | undefined;
  /**
   * Refused with `state_session_exists` where there is a session of this id: for who may make it, and may not enter one that
   * somebody else was quicker to make. Default false.
   */
  readonly mustBeNew?: boolean | undefined;
}

/** How `resume` goes on. */
export interface ResumeOptions {
  /**
   * `continue`: go on where the run stopped. `with_message`: go on with a message of the user. Default: `with_message` where
   * there is a message, else `continue`.
   */
  readonly mode?: 'continue' | 'with_message' | undefined;
  /** What the user says; refused with the mode `continue`, which would lose it. */
  readonly message?: AgentInput | undefined;
}

/** Which run a result is of. */
interface ResultPlace {
  readonly sessionId: string;
  readonly runId: string;
  readonly turn: number;
  readonly stepCount: number;
}

/** What a suspended run waits for. */
interface Suspension {
  readonly waitIds: readonly string[];
  readonly toolCallIds: readonly string[];
}

type ResultDetail = 'completionReason' | 'output' | 'stopReason' | 'error' | 'suspended';

/** A result with these details; the others read as undefined, so that nobody has to ask for the status before reading one. */
type ResultOf<Known> = ResultPlace &
  Readonly<Known> & { readonly [Detail in Exclude<ResultDetail, keyof Known>]?: undefined };

/**
 * What a run came to, or where it waits: `status` says which details there are. The output of a completed run is what the agent owes, or
 * its text; there is none where `stopWhen` ended it. `stopReason` stands where the model did not come to the end of that text.
 */
export type AgentResult<TOutput = unknown> =
  | ResultOf<{ status: 'completed'; completionReason?: 'reply' | 'finish'; output: TOutput; stopReason?: UnusualStop }>
  | ResultOf<{ status: 'completed'; completionReason: 'stop_when' }>
  | ResultOf<{ status: 'failed'; completionReason?: CompletionReason; error: ErrorDetail }>
  | ResultOf<{ status: 'interrupted'; completionReason?: CompletionReason }>
  | ResultOf<{ status: Extract<RunStatus, `suspended_${string}`>; suspended: Suspension }>
  | ResultOf<{ status: 'running' }>;

/** The session as it stands. */
export interface AgentState<TState = unknown, TOutput = unknown> {
  readonly sessionId: string;
  readonly agentType: string;
  readonly runId: string | null;
  readonly status: RunStatus | 'idle';
  readonly turn: number;
  readonly stepCount: number;
  readonly customState: TState;
  readonly messages: readonly MessageRecord[];
  readonly output?: TOutput;
  readonly error?: ErrorDetail;
}

/** Whether `resume` would go on, and if not, why. `failed_use_retry`: the run failed or was aborted; `retry` goes on. */
export type CanResumeResult =
  | { readonly canResume: true }
  | { readonly canResume: false; readonly reason: 'not_found' | 'running' | 'completed' | 'failed_use_retry' };

/** One run of a session, as seen from any process. */
export interface AgentExecutionHandle<TOutput = unknown, TState = unknown> {
  readonly sessionId: string;
  readonly runId: string;
  /**
   * The run's chunks from its first on, or after a sequence; then live, until it ends or waits for somebody. What comes is for one
   * reader: to go over it a second time throws; ask for another stream. `abortSignal` ends it without an error. Null where the store
   * does not know the run any more: its session was deleted.
   *
   * @throws HelixError `input_invalid` for an `after` that is no sequence: a whole number from 0 on
   */
  stream(options?: {
    readonly after?: number | undefined;
    readonly abortSignal?: AbortSignal | undefined;
  }): Promise<AsyncIterable<StreamChunk> | null>;
  /**
   * Settles when the run ended, or somebody must act. Where its executor was closed, that is when another one has taken the run up.
   * Rejects where the store cannot be read, the session was deleted, or `abortSignal` aborts.
   */
  result(options?: { readonly abortSignal?: AbortSignal | undefined }): Promise<AgentResult<TOutput>>;
  /**
   * Ends the run as failed: `resume` does not go on, `retry` does. Resolves when the stop is recorded.
   *
   * @throws HelixError `state_run_over` where the run was interrupted before: it stays resumable
   */
  abort(reason?: string): Promise<void>;
  /** Ends the run so that it can be resumed. Resolves when the stop is recorded. */
  interrupt(reason?: string): Promise<void>;
  /**
   * The session as it stands now, also while the run goes on: custom state, transcript, status. The custom state has the type of the
   * agent's `stateSchema`; any JSON where it has none.
   */
  getState<TAs = unknown extends TState ? Json : TState>(): Promise<AgentState<TAs, TOutput>>;
  /** Whether `resume` would go on; reads only. */
  canResume(): Promise<CanResumeResult>;
  /** Goes on with the session of this run; see {@link AgentExecutor.resume}. */
  resume(options?: ResumeOptions): Promise<AgentExecutionHandle<TOutput, TState>>;
  /** Sums over the whole session. */
  getUsageRollup(): Promise<UsageRollup>;
}

/** What every runtime offers. */
export interface AgentExecutor {
  /** Where sessions are kept; of an executor that works over a store in this process. */
  readonly stateStore?: SessionStateStore;
  /** Where they are streamed; as above. */
  readonly streamManager?: StreamManager;
  /**
   * Begins a turn and answers as soon as it is durable.
   *
   * @throws AgentAlreadyRunningError while a run of the session is live; `input_invalid`, `agent_mismatch`
   */
  execute<TState, TOutput>(
    agent: Agent<TState, TOutput>,
    input: AgentInput<TState>,
    options?: ExecuteOptions,
  ): Promise<AgentExecutionHandle<TOutput, TState>>;
  /**
   * Goes on with an interrupted or suspended session. Of two at once, one begins the run and both hold it. With a message it
   * meets the session as `execute` does: of two at once one is refused, so that its message is not lost in silence.
   *
   * @throws AgentAlreadyRunningError with a message, while a run of the session is running; `state_session_not_found`,
   *   `state_not_resumable`, `input_invalid`, `agent_mismatch`
   */
  resume<TState, TOutput>(
    agent: Agent<TState, TOutput>,
    sessionId: string,
    options?: ResumeOptions,
  ): Promise<AgentExecutionHandle<TOutput, TState>>;
  /**
   * Goes on with a run that failed or was aborted, from its last commit and with a fresh budget of steps. Of two at once, one begins
   * the run and both hold it.
   *
   * @throws AgentAlreadyRunningError while a run is live that no `retry` began; `state_session_not_found`, `state_not_resumable`
   */
  retry<TState, TOutput>(
    agent: Agent<TState, TOutput>,
    sessionId: string,
  ): Promise<AgentExecutionHandle<TOutput, TState>>;
  /** The current run of a session; null where there is no session. */
  getHandle<TState, TOutput>(
    agent: Agent<TState, TOutput>,
    sessionId: string,
  ): Promise<AgentExecutionHandle<TOutput, TState> | null>;
  /** Records a stop of the current run, which can be resumed. A run that is over is left as it is. */
  interrupt<TState, TOutput>(agent: Agent<TState, TOutput>, sessionId: string, reason?: string): Promise<void>;
  /**
   * Records a stop of the current run that `resume` does not go on from: it ends as failed, with `framework_cancelled`. A run that is
   * over is left as it is.
   *
   * @throws HelixError `state_run_over` where that run was interrupted: it stays resumable
   */
  abort<TState, TOutput>(agent: Agent<TState, TOutput>, sessionId: string, reason?: string): Promise<void>;
  /** Whether `resume` would go on; reads only. */
  canResume<TState, TOutput>(agent: Agent<TState, TOutput>, sessionId: string): Promise<CanResumeResult>;
}
