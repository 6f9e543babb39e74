import type { SessionIdentity } from '../session/snapshot.ts';
import type { JsonObject } from '../values/json.ts';
import type { Schema } from './schema.ts';

/** What a tool's body gets beside its input; who the session is about stands in it as `execute` was told. */
export interface ToolContext extends SessionIdentity {
  readonly sessionId: string;
  readonly runId: string;
  readonly agentType: string;
  /** The session of the agent that called; the `agentId` of its chunks. */
  readonly agentId: string;
  readonly toolCallId: string;
  /**
   * The same for every body of this call, over crashes, and of no other call, also where a session is deleted and made anew under its id:
   * forward it as idempotency key.
   */
  readonly dispatchId: string;
  /** 1 for the first body of the call. */
  readonly attempt: number;
  /** Step of the run that asked for the call. */
  readonly step: number;
  /** Aborted by a stop of the run, and by the loss of the session to another owner. */
  readonly abortSignal: AbortSignal;
  /** The custom state as it stood when the step began, with this body's own writes. */
  readonly getState: <TState = Record<string, unknown>>() => TState;
  /**
   * Changes the custom state through a draft; the change is stored with the result of the call. What the function returns is
   * ignored. It throws, and fails the tool where that is not caught, for a value that JSON cannot hold (`NaN`, a date, a function)
   * and for a returned object, or promise, that is no part of the draft: a new state cannot take the old one's place. A body that ends
   * with a state that the agent's `stateSchema` does not allow has failed with `tool_output_invalid`, and changes nothing; so has one
   * whose changes do not fit beside those of the calls before it in the reply.
   */
  readonly updateState: <TState = Record<string, unknown>>(change: (draft: TState) => void) => void;
  /**
   * Adds an event to the stream. Throws for data that JSON cannot hold or that is larger than a result may be, as `recordUsage` does;
   * both throw, and so does `updateState`, after the body has ended: something in it is not awaited.
   */
  readonly emit: (eventName: string, data: unknown) => void;
  /**
   * Adds an entry to the usage record. `getUsageRollup().custom` of the handle gives what was recorded under each name: the sum of the
   * numbers; anything else counts 1, and its data is in the record only. So a figure to be read back is a number.
   */
  readonly recordUsage: (name: string, data: unknown) => void;
}

/** What the outside world says about a call whose body was in flight when its owner died. */
export type Verification =
  | { readonly status: 'settled'; readonly result: unknown }
  | { readonly status: 'not-done' }
  | { readonly status: 'unknown' };

/** What recovery asks: the same as for the body, without state and stream. */
export interface VerifyContext<TInput> extends Pick<
  ToolContext,
  keyof SessionIdentity | 'sessionId' | 'toolCallId' | 'dispatchId' | 'attempt' | 'abortSignal'
> {
  readonly input: TInput;
}

/**
 * What recovery may do with a body that was in flight when its owner died. `'never'`: nothing, the call becomes unknown and the
 * model is told. `'safe'`: run it again, at most three bodies in all. `verify`: ask whether it happened.
 */
export type Replay<TInput> =
  | 'never'
  | 'safe'
  | { verify(context: VerifyContext<TInput>): Verification | Promise<Verification> };

/** A tool that runs on the server; made by `defineTool`. */
export interface Tool<TInput = unknown, TOutput = unknown> {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: Schema;
  readonly inputJsonSchema: JsonObject;
  readonly outputSchema: Schema | null;
  readonly strict: boolean;
  readonly finishWith: boolean;
  readonly sequential: boolean;
  readonly replay: Replay<TInput>;
  execute(input: TInput, context: ToolContext): TOutput | Promise<TOutput>;
}

/** Name of the tool that is added to an agent with an `outputSchema`. */
export const finishToolName = '__finish__';
