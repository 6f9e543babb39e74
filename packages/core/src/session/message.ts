import type { ErrorDetail } from '../errors/helix-error.ts';
import type { Json, JsonObject } from '../values/json.ts';

/** Opaque data of a provider that goes back to it unchanged (thinking signatures, item ids). */
export type ProviderMetadata = JsonObject;

/** Text, as written by the user or the model. */
export interface TextPart {
  readonly type: 'text';
  readonly text: string;
  readonly providerMetadata?: ProviderMetadata | undefined;
}

/** What the model thought aloud; goes back to the model, and to users where the application shows it. */
export interface ReasoningPart {
  readonly type: 'reasoning';
  readonly text: string;
  readonly providerMetadata?: ProviderMetadata | undefined;
}

/** A file that the user or the model gave. */
export interface FilePart {
  readonly type: 'file';
  readonly mediaType: string;
  /** A URL (also `data:`), or a reference to a stored body. */
  readonly url: string;
  readonly filename?: string | undefined;
  readonly providerMetadata?: ProviderMetadata | undefined;
}

/**
 * What the reply stands on: a page or a document that the model's provider read or cited. For people, not for the model: it is left
 * out of later prompts. The URL is the provider's; show it as a link only where its scheme is `http:` or `https:`.
 */
export type SourcePart = {
  readonly type: 'source';
  /** As the provider gave it, or made for this reply. */
  readonly sourceId: string;
  readonly providerMetadata?: ProviderMetadata | undefined;
} & (
  | { readonly sourceType: 'url'; readonly url: string; readonly title?: string | undefined }
  | {
      readonly sourceType: 'document';
      readonly mediaType: string;
      readonly title: string;
      readonly filename?: string | undefined;
    }
);

/** A call that the model asked for. Its result follows in the next `tool` message. */
export interface ToolCallPart {
  readonly type: 'tool-call';
  readonly toolCallId: string;
  readonly toolName: string;
  readonly input: Json;
  readonly providerMetadata?: ProviderMetadata | undefined;
}

/** What a call came to; exactly one stands behind each call of an assistant message. */
export type ToolOutcome =
  | { readonly type: 'result'; readonly value: Json }
  | { readonly type: 'error'; readonly error: ErrorDetail }
  | { readonly type: 'not-executed'; readonly reason: NotExecutedReason; readonly note?: string }
  | { readonly type: 'unknown'; readonly note: string };

/** Why a call has no effect: the run was over, was stopped, nobody answered, or it was denied. */
export type NotExecutedReason = 'superseded_by_terminal_call' | 'run_stopped' | 'client_tool_abandoned' | 'denied';

/** The one result of a call. */
export interface ToolResultPart {
  readonly type: 'tool-result';
  readonly toolCallId: string;
  readonly toolName: string;
  readonly outcome: ToolOutcome;
}

/** A part of a message, in the order in which it was said. */
export type MessagePart = TextPart | ReasoningPart | FilePart | SourcePart | ToolCallPart | ToolResultPart;

/** `context` rows are for the model only: never shown to users, replayed unchanged. */
export type MessageRole = 'user' | 'assistant' | 'tool' | 'context';

/** A message before the store gave it its place. */
export interface NewMessage {
  readonly v: 1;
  /** Unique in the session; for a user's message it is the key of the turn. */
  readonly id: string;
  readonly role: MessageRole;
  readonly parts: readonly MessagePart[];
  readonly runId: string;
  /** Step of the run that made it; absent on a user's message. */
  readonly step?: number;
  /** Unix ms. */
  readonly createdAt: number;
  /** The model call was cut by a stop; the text is what the user saw until then. */
  readonly interrupted?: true;
}

/** A message with its place in the transcript: 1, 2, 3, ... */
export interface MessageRecord extends NewMessage {
  readonly seq: number;
}
