import { HelixError } from '@helix-agents/core';
import type { ChatOptions, SessionOwnership } from './chat-options.ts';
import { parseChatRequest, type ChatRequest } from './chat-request.ts';
import { enterTurn } from './enter-turn.ts';
import { answerChat } from './http/answer-chat.ts';
import { replyResponse } from './http/reply-response.ts';
import { loadAllowed, mustBeAllowed } from './must-be-allowed.ts';

/** What `handleChatStream` takes. */
export interface ChatStreamOptions<TState, TOutput> extends ChatOptions<TState, TOutput> {
  /** The body that `DefaultChatTransport` sends, as parsed JSON. */
  readonly body: unknown;
  /** The session id of the path, where it has one. */
  readonly sessionId?: string | undefined;
}

/**
 * Answers a request of `useChat`: says the user's message to the agent, or tries the last turn again, and streams the reply. A
 * refusal is a JSON response with a typed error; after a 200 the run is durable, and goes on whether or not anybody reads.
 */
export async function handleChatStream<TState, TOutput>(
  options: ChatStreamOptions<TState, TOutput>,
): Promise<Response> {
  return answerChat(options, async () => {
    const request = parseChatRequest(options.body, options.sessionId);
    const { sessionId } = request;
    const runId = await enterAllowed(options, request);
    // Another one may have gone on with the session by now: the reply to this message is told, whatever came after it.
    const turn = { messageId: request.message.id, runId };
    return replyResponse(options, await loadAllowed(options, sessionId, () => notThere(sessionId, runId)), turn);
  });
}

/** What began by the executor is not in the store: somebody deleted it in between, or, far more often, there are two stores. */
function notThere(sessionId: string, runId: string): HelixError {
  const problem = `the run ${runId} began, and the stateStore of the handler has no session ${sessionId}`;
  return new HelixError('framework_internal', `${problem}: give it the stores of its executor`);
}

/** Whose session it is may change between the question and the entry once: from nobody's to somebody's. Then it is asked again. */
async function enterAllowed<TState, TOutput>(
  options: ChatStreamOptions<TState, TOutput>,
  request: ChatRequest,
): Promise<string> {
  const { sessionId } = request;
  const session = await options.stateStore.load(sessionId);
  await mustBeAllowed(options, session ?? newSession(options, sessionId));
  if (session) return enterTurn(options, request, session);
  return enterTurn(options, request, null).catch(async (error: unknown) => {
    const made = await options.stateStore.load(sessionId);
    if (!made || !HelixError.is(error, 'state_session_exists')) throw error;
    await mustBeAllowed(options, made);
    return enterTurn(options, request, made);
  });
}

/** A session as the request will make it. */
function newSession<TState, TOutput>(
  { agent, identity = {} }: ChatOptions<TState, TOutput>,
  sessionId: string,
): SessionOwnership {
  return { sessionId, agentType: agent.name, identity };
}
