import type { ErrorCode, Json } from '@helix-agents/core';
import type { UIMessage } from 'ai';

/** What Helix says of a message beside its parts. */
export interface HelixMessageMetadata {
  /** The reply was stopped; it holds what was seen until then. */
  readonly helixInterrupted?: { readonly stop: 'interrupt' };
  /** The turn failed; the reply holds the steps that were done until then. `error` may be shown to any user. */
  readonly helixFailed?: { readonly error: string; readonly code: ErrorCode };
}

/** Data parts that Helix adds. `helix-output`: the typed output of an agent that owes one. */
export type HelixDataParts = {
  'helix-output': Json;
};

/** A message of `useChat` as Helix fills it. A turn is two: what the user said, and one reply with all of its steps. */
export type HelixUIMessage = UIMessage<HelixMessageMetadata, HelixDataParts>;

/** One part of such a message. */
export type HelixUIPart = HelixUIMessage['parts'][number];

/** Id of the reply to a user's message: known before the reply is, and the same on every reload. */
export function replyIdOf(userMessageId: string): string {
  return `reply-${userMessageId}`;
}
