import type { StepResult, ToolSpec } from '../contracts/llm-adapter.ts';
import type { ErrorDetail } from '../errors/helix-error.ts';
import type { MessageRecord, NewMessage, ToolOutcome } from '../session/message.ts';
import type { SessionIdentity } from '../session/snapshot.ts';
import type { PatchOperation } from '../state/patch.ts';
import type { Json } from '../values/json.ts';

/** What every hook gets beside its payload; who the session is about stands in it as `execute` was told. */
export interface HookContext<TState = unknown> extends SessionIdentity {
  readonly sessionId: string;
  readonly runId: string;
  /** The stream of this session with the stream manager (`streamIdOf`). */
  readonly streamId: string;
  readonly agentType: string;
  /** Replies of the run that are committed: one of which a hook hears before its commit is not among them. */
  readonly stepCount: number;
  readonly abortSignal: AbortSignal;
  readonly getState: () => TState;
  /**
   * Changes the custom state; stored with the commit that the hook precedes. What `beforeTool` changes belongs to its call: a call
   * that fails changes nothing. After `onAgentComplete` and `onAgentFail` comes none:
   * their change is not stored, and a warning logged. Throws for what `updateState` of a tool throws for. A hook that ends with a
   * state that the agent's `stateSchema` does not allow has failed.
   */
  readonly updateState: (change: (draft: TState) => void) => void;
  /** Adds an event to the stream. Throws for what `emit` of a tool throws for. */
  readonly emitCustom: (eventName: string, data: unknown) => void;
}

type Hook<TPayload, TState> = ((payload: TPayload, context: HookContext<TState>) => void | Promise<void>) | undefined;

/**
 * Functions called around what an agent does, in this order:
 *
 * run: `onAgentStart` … `onAgentComplete` or `onAgentFail`; step: `onStepStart`, `beforeLLMCall`, `afterLLMCall`, `onMessage`
 * (the reply), the tools, `onStepEnd`; tool: `beforeTool`, its body, `onStateChange`, `onMessage` (its result), `afterTool`. The last
 * three are called when every call of the step has ended, call by call.
 *
 * `beforeTool` is called where a body is about to run; `afterTool` for each call, also of an unknown tool, with arguments that do not
 * fit, or of the tool that finishes. `beforeLLMCall` is called for each attempt, `afterLLMCall` for the one that replied. A step in
 * which the run fails has no `onStepEnd`.
 *
 * `onMessage` hears of each whole reply and of the result of each of its calls, also of one that was not executed; not of what users
 * say, of what the loop tells the model, nor of a reply that a stop cut. `onStateChange` hears of each successful call that changed the
 * custom state: `operations` are its own and those of its `beforeTool`, `state` is what all calls of the step made. What other hooks
 * change, and what a turn sets, it does not hear of.
 *
 * A hook runs before the commit that makes its event durable, so after a crash it may run again; but for `onAgentComplete` and
 * `onAgentFail`, which run after it, and after a crash in between not at all. A hook that throws fails the
 * run with `framework_hook_failed`; after the end of a run it is only logged. What `onAgentComplete` and `onAgentFail` do in two
 * seconds (`limits.stopGraceMs`) is waited for; then the result is there, and they run on by themselves.
 */
export interface AgentHooks<TState = unknown, TOutput = unknown> {
  readonly onAgentStart?: Hook<{ readonly turn: number; readonly initialState: TState }, TState>;
  readonly onAgentComplete?: Hook<
    { readonly output: TOutput; readonly finalState: TState; readonly stepCount: number; readonly durationMs: number },
    TState
  >;
  readonly onAgentFail?: Hook<
    { readonly error: ErrorDetail; readonly stepCount: number; readonly durationMs: number },
    TState
  >;
  readonly onStepStart?: Hook<{ readonly step: number }, TState>;
  readonly onStepEnd?: Hook<{ readonly step: number }, TState>;
  readonly beforeLLMCall?: Hook<
    {
      readonly step: number;
      readonly attempt: number;
      readonly messages: readonly MessageRecord[];
      readonly tools: readonly ToolSpec[];
    },
    TState
  >;
  readonly afterLLMCall?: Hook<
    { readonly step: number; readonly attempt: number; readonly result: StepResult; readonly durationMs: number },
    TState
  >;
  readonly beforeTool?: Hook<
    { readonly tool: { readonly name: string }; readonly toolCallId: string; readonly input: Json },
    TState
  >;
  readonly afterTool?: Hook<
    { readonly tool: { readonly name: string }; readonly toolCallId: string; readonly outcome: ToolOutcome },
    TState
  >;
  readonly onStateChange?: Hook<{ readonly operations: readonly PatchOperation[]; readonly state: TState }, TState>;
  readonly onMessage?: Hook<{ readonly message: NewMessage }, TState>;
}
