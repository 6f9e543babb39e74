import { isLive, type SessionSnapshot } from '@helix-agents/core';
import type { ChatOptions } from './chat-options.ts';
import { answerChat } from './http/answer-chat.ts';
import { replyResponse } from './http/reply-response.ts';
import { loadAllowed } from './must-be-allowed.ts';

/** What `handleChatReconnect` takes. */
export interface ChatReconnectOptions<TState, TOutput> extends ChatOptions<TState, TOutput> {
  readonly sessionId: string;
  /** Position of the snapshot that the client has: with it, also a run that ended is told, unless it completed before that. */
  readonly after?: number | undefined;
  /** `endedRunId` of that snapshot: how this run ended is not told again. */
  readonly ended?: string | undefined;
}

/**
 * Answers `GET …/stream` of `useChat`: the reply that is under way, from its beginning; 204 where there is none. With `after`,
 * also one that ended: 204 only where the client's snapshot has all of it, and how it ended.
 */
export async function handleChatReconnect<TState, TOutput>(
  options: ChatReconnectOptions<TState, TOutput>,
): Promise<Response> {
  return answerChat(options, async () => {
    const { sessionId, agent, executor } = options;
    const session = await loadAllowed(options, sessionId);
    if (!hasNews(session, options)) return new Response(null, { status: 204 });
    // Wakes a run whose owner is gone.
    if (isLive(session.run)) await executor.getHandle(agent, sessionId);
    return replyResponse(options, session);
  });
}

/** A stop or a failure writes nothing to the stream: a client that names no run that ended may not know of it. */
function hasNews(
  { run, streamSequence }: SessionSnapshot,
  { after, ended }: Pick<ChatReconnectOptions<never, never>, 'after' | 'ended'>,
): boolean {
  if (!run || run.phase.at !== 'ended') return run !== null;
  if (after === undefined || ended === run.runId) return false;
  return after < streamSequence || run.phase.outcome !== 'completed';
}
