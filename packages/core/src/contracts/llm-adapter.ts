import type { FilePart, MessagePart, MessageRecord, ProviderMetadata, SourcePart } from '../session/message.ts';
import type { TokenUsage } from '../session/usage.ts';
import type { Json, JsonObject } from '../values/json.ts';

/** How a model is asked. `model` is opaque to the core: an id such as `anthropic:…`, or an object that the adapter knows. */
export interface LLMConfig {
  readonly model?: unknown;
  readonly maxOutputTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  readonly stopSequences?: readonly string[] | undefined;
  readonly seed?: number | undefined;
  /** Attempts after the first for a model call that failed and may succeed later. Default 3. */
  readonly maxRetries?: number | undefined;
  /** Milliseconds that one model call may take. Default 600,000. */
  readonly timeoutMs?: number | undefined;
  /** Asks the provider to constrain `__finish__` to its schema, where it can. Default false. */
  readonly strictOutput?: boolean | undefined;
  readonly providerOptions?: JsonObject | undefined;
}

/** A tool as the model sees it. */
export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  /** JSON Schema, draft 2020-12. */
  readonly inputSchema: JsonObject;
  readonly strict?: boolean;
}

/** Whether the model may call tools, or must call one. */
export type ToolChoice = 'auto' | 'required';

/** One model call. */
export interface LLMGenerateInput {
  readonly system: string;
  readonly messages: readonly MessageRecord[];
  readonly tools: readonly ToolSpec[];
  readonly toolChoice: ToolChoice;
  readonly config: LLMConfig;
  readonly abortSignal: AbortSignal;
  readonly callbacks: LLMStreamCallbacks;
  readonly agentId: string;
  readonly agentType: string;
}

/** What an adapter tells while the reply arrives. Of one that tells nothing, readers get the reply whole, once it is there. */
export interface LLMStreamCallbacks {
  onTextDelta?(delta: string): void;
  onThinking?(content: string, isComplete: boolean): void;
  /** A file that is complete, where it stands among the texts. */
  onFile?(file: FilePart): void;
  /** A page or document that the reply stands on. */
  onSource?(source: SourcePart): void;
  /** The model began to write a call; its arguments follow. */
  onToolInputStart?(toolCallId: string, toolName: string): void;
  onToolInputDelta?(toolCallId: string, delta: string): void;
}

/** Why the model stopped. */
export type StopReason =
  | 'end_turn'
  | 'stop_sequence'
  | 'tool_use'
  | 'max_tokens'
  | 'content_filter'
  | 'refusal'
  | 'other';

/** What a model thought aloud, with what the provider wants back unchanged. */
export interface ThinkingContent {
  readonly content: string;
  readonly providerMetadata?: ProviderMetadata | undefined;
}

/** A call as the model wrote it; nothing of it is checked yet. */
export interface ToolCallRequest {
  /** Not empty. */
  readonly id: string;
  readonly name: string;
  /** As data, not as the text of JSON. */
  readonly arguments: unknown;
  /** The provider sent arguments that are no JSON; the call is answered with this message and not executed. */
  readonly malformed?: string | undefined;
  readonly providerMetadata?: ProviderMetadata | undefined;
}

interface StepFacts {
  readonly thinking?: ThinkingContent | undefined;
  readonly stopReason?: StopReason | undefined;
  /** What of it is no number from 0 on counts as not said. */
  readonly usage?: TokenUsage | undefined;
  /** Id of the model that answered, where the provider says it. */
  readonly model?: string | undefined;
  /** The reply in the provider's own order, where it matters (several thinking blocks); else it is made from the fields. */
  readonly parts?: readonly MessagePart[] | undefined;
}

/** What a model call came to. */
export type StepResult =
  /** `shouldStop` (default true): the turn may end with this text. */
  | ({ readonly type: 'text'; readonly content: string; readonly shouldStop?: boolean | undefined } & StepFacts)
  | ({
      readonly type: 'tool_calls';
      readonly content?: string | undefined;
      readonly toolCalls: readonly ToolCallRequest[];
    } & StepFacts)
  /** Retried where the error is a `HelixError` that says so, and only there. */
  | { readonly type: 'error'; readonly error: Error; readonly usage?: TokenUsage | undefined };

/** Calls models. A provider's own retries are off: the loop owns them. */
export interface LLMAdapter {
  /** The version that it speaks; checked where it is given. */
  readonly contract?: 'helix.llm-adapter/1';
  /** What it throws that is no `HelixError` is a fault of the program: the run fails with its message, and nothing is retried. */
  generateStep(input: LLMGenerateInput): Promise<StepResult>;
  /** Says why a model cannot be made to call a tool; asked at entry where an agent owes a typed output. */
  checkCompletionSupport?(
    config: LLMConfig,
  ): { readonly supported: true } | { readonly supported: false; readonly reason: string };
}

/** How long a provider asks to wait, in ms, where the details of an error say so. */
export function retryAfterMsOf(details: JsonObject | undefined): number | undefined {
  const value: Json | undefined = details?.['retryAfterMs'];
  return typeof value === 'number' && value >= 0 ? value : undefined;
}
