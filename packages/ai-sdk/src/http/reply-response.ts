import { resolvePorts, type SessionSnapshot } from '@helix-agents/core';
import type { ChatOptions } from '../chat-options.ts';
import { errorChunks } from '../stream/reply-stream.ts';
import { streamTurn, type TurnStreamRequest } from '../stream/stream-turn.ts';
import { sseResponse } from './sse-response.ts';
import { logFailure } from './typed-error.ts';

/** The reply of a session's turn as it comes, as server-sent events. Without a turn, that of its last one. */
export function replyResponse(
  options: Omit<ChatOptions<never, never>, 'agent' | 'executor'>,
  session: SessionSnapshot,
  turn?: TurnStreamRequest['turn'],
): Response {
  const { stateStore, streamManager, sendStatePatches = false, clock = resolvePorts().clock } = options;
  const { maxStallMs, logger } = options;
  const reader = new AbortController();
  const from = { stateStore, streamManager, sendStatePatches, clock, session, abortSignal: reader.signal };
  const onFailure = (thrown: unknown) => {
    logFailure(thrown, logger);
    return errorChunks(thrown);
  };
  const chunks = streamTurn({ ...from, turn });
  return sseResponse({ chunks, reader, onFailure, clock, maxStallMs, logger });
}
