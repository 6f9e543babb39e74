import type { LLMConfig } from '../contracts/llm-adapter.ts';
import type { ToolOutcome } from '../session/message.ts';
import type { StateReducers } from '../state/merge-writes.ts';
import type { Json, JsonObject } from '../values/json.ts';
import type { AgentPolicy } from './agent-policy.ts';
import type { AgentHooks } from './hooks.ts';
import type { Schema } from './schema.ts';
import type { Tool } from './tool.ts';

/** What `stopWhen` reads: the step that was just finished, and the state after it. */
export interface StopWhenContext<TState> {
  readonly state: TState;
  readonly stepCount: number;
  readonly toolCalls: readonly { readonly toolName: string; readonly input: Json; readonly outcome: ToolOutcome }[];
}

/**
 * An agent: what it knows, can do, keeps and owes. Made by `defineAgent`; pure data and functions, resolved by name, never
 * stored.
 */
export interface Agent<TState = unknown, TOutput = unknown> {
  readonly name: string;
  readonly description: string;
  readonly systemPrompt: string | ((state: TState) => string);
  readonly stateSchema: Schema | null;
  readonly reducers: StateReducers;
  readonly outputSchema: Schema | null;
  readonly outputJsonSchema: JsonObject | null;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly llmConfig: LLMConfig;
  readonly hooks: AgentHooks<TState, TOutput>;
  readonly policy: AgentPolicy;
  stopWhen?(context: StopWhenContext<TState>): boolean | Promise<boolean>;
  /** Only carries the type of what the agent gives. */
  readonly output?: TOutput;
}

/** An agent of any state and output, as what runs agents by name takes them. What `execute` gives of it is of any type. */
// With `never` in place of `any`, what `execute` gives of one of several agents would be of no type at all.
// oxlint-disable-next-line no-explicit-any
export type AnyAgent = Agent<any, any>;
