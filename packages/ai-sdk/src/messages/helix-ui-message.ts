import type { ErrorCode, Json, PatchOperation, UnusualStop } from '@helix-agents/core';
import type { UIDataTypes, UIMessage } from 'ai';
import type { TypedErrorBody } from '../http/typed-error.ts';

/** What Helix says of a message beside its parts. */
export interface HelixMessageMetadata {
  /** The reply was stopped; it holds what was seen until then. */
  readonly helixInterrupted?: { readonly stop: 'interrupt' };
  /** The turn failed; the reply holds the steps that were done until then. `error` may be shown to any user. */
  readonly helixFailed?: { readonly error: string; readonly code: ErrorCode };
  /** The model did not come to the end of the reply: `max_tokens`, it was cut at its limit of tokens; `other`, nobody said why. */
  readonly helixStopReason?: UnusualStop;
}

/**
 * Data parts that Helix adds. `helix-output`, the typed output of an agent that owes one, is part of the message. The others are
 * transient: `onData` hears them, and no message holds them. `helix-error`: why the reply ended in an error. `state-patch`: a change
 * of the custom state, where the server sends those.
 */
export type HelixDataParts = {
  'helix-output': Json;
  'helix-error': TypedErrorBody;
  'state-patch': { readonly operations: readonly PatchOperation[] };
};

/**
 * A message of `useChat` as Helix fills it. A turn is two: what the user said, and one reply with all of its steps. `TEvents` are the
 * events that tools and hooks emit, by name: `{ progress: { done: number } }` is what `emit('progress', { done: 1 })` sends, as a
 * transient `data-progress`. Default: none, only the parts of Helix.
 */
export type HelixUIMessage<TEvents extends UIDataTypes = HelixDataParts> = UIMessage<
  HelixMessageMetadata,
  HelixDataParts & TEvents
>;

/** One part of such a message. */
export type HelixUIPart = HelixUIMessage['parts'][number];

/** Id of the reply to a user's message: known before the reply is, and the same on every reload. */
export function replyIdOf(userMessageId: string): string {
  return `reply-${userMessageId}`;
}
