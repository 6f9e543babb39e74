import {
  HelixError,
  isLive,
  resolvePorts,
  type Agent,
  type Clock,
  type Logger,
  type SessionSnapshot,
  type SessionStateStore,
  type StreamManager,
} from '@helix-agents/core';
import { parseChatRequest, type ChatRequest } from './chat-request.ts';
import { enterTurn, type TurnEntry } from './enter-turn.ts';
import { sseResponse } from './http/sse-response.ts';
import { logFailure, typedErrorResponse } from './http/typed-error.ts';
import { errorChunks, type ReplyStreamOptions } from './stream/reply-stream.ts';
import { streamTurn, type TurnStreamRequest } from './stream/stream-turn.ts';

interface ChatOptions<TState, TOutput> extends Omit<TurnEntry<TState, TOutput>, 'stateStore'>, ReplyStreamOptions {
  readonly agent: Agent<TState, TOutput>;
  readonly stateStore: SessionStateStore;
  readonly streamManager: StreamManager;
  /**
   * Whether the caller may see and continue a session. Asked before anything is written, for a new session as it will be, and
   * again for what was read after that. Only `true` allows; anything but `true` and `false` is answered with 500. Default: always.
   */
  readonly authorize?: (session: SessionOwnership) => boolean | Promise<boolean>;
  /**
   * Milliseconds that a client may take nothing of what is there for it: then its connection is cut, so that one that has stopped to
   * read holds nothing of the server. It picks the reply up again by `handleChatReconnect`. Default 60,000.
   */
  readonly maxStallMs?: number;
  readonly clock?: Clock;
  /** Told of failures on our side. */
  readonly logger?: Logger;
}

/** What the access to a session is judged by. */
export type SessionOwnership = Pick<SessionSnapshot, 'sessionId' | 'agentType' | 'identity'>;

/** What `handleChatStream` takes. */
export interface ChatStreamOptions<TState, TOutput> extends ChatOptions<TState, TOutput> {
  /** The body that `DefaultChatTransport` sends, as parsed JSON. */
  readonly body: unknown;
  /** The session id of the path, where it has one. */
  readonly sessionId?: string;
}

/** What `handleChatReconnect` takes. */
export interface ChatReconnectOptions<TState, TOutput> extends ChatOptions<TState, TOutput> {
  readonly sessionId: string;
  /** Position of the snapshot that the client has: with it, also a run that ended is told, unless it completed before that. */
  readonly after?: number;
  /** `endedRunId` of that snapshot: how this run ended is not told again. */
  readonly ended?: string;
}

/**
 * Answers a request of `useChat`: says the user's message to the agent, or tries the last turn again, and streams the reply. A
 * refusal is a JSON response with a typed error; after a 200 the run is durable, and goes on whether or not anybody reads.
 */
export async function handleChatStream<TState, TOutput>(
  options: ChatStreamOptions<TState, TOutput>,
): Promise<Response> {
  return answer(options, async () => {
    const request = parseChatRequest(options.body, options.sessionId);
    const { sessionId } = request;
    const runId = await enterAllowed(options, request);
    // Another one may have gone on with the session by now: the reply to this message is told, whatever came after it.
    const turn = { messageId: request.message.id, runId };
    return respond(options, await loadAllowed(options, sessionId), turn);
  });
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
    if (!made || !HelixError.is(error) || error.code !== 'state_session_exists') throw error;
    await mustBeAllowed(options, made);
    return enterTurn(options, request, made);
  });
}

/**
 * Answers `GET …/stream` of `useChat`: the reply that is under way, from its beginning; 204 where there is none. With `after`,
 * also one that ended: 204 only where the client's snapshot has all of it, and how it ended.
 */
export async function handleChatReconnect<TState, TOutput>(
  options: ChatReconnectOptions<TState, TOutput>,
): Promise<Response> {
  return answer(options, async () => {
    const { sessionId, agent, executor } = options;
    const session = await loadAllowed(options, sessionId);
    if (!hasNews(session, options)) return new Response(null, { status: 204 });
    // Wakes a run whose owner is gone.
    if (isLive(session.run)) await executor.getHandle(agent, sessionId);
    return respond(options, session);
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

async function answer<TState, TOutput>(
  { logger, maxStallMs = 1 }: ChatOptions<TState, TOutput>,
  work: () => Promise<Response>,
): Promise<Response> {
  try {
    // The fault of the host, and told before anything is written: with NaN every client would be cut off at once.
    if (!(maxStallMs > 0)) throw new HelixError('framework_internal', `maxStallMs must be above 0, got ${maxStallMs}`);
    return await work();
  } catch (error) {
    return typedErrorResponse(error, logger);
  }
}

function respond<TState, TOutput>(
  options: ChatOptions<TState, TOutput>,
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
  const chunks = streamTurn({ ...from, ...(turn && { turn }) });
  const limits = { ...(maxStallMs !== undefined && { maxStallMs }), ...(logger && { logger }) };
  return sseResponse({ chunks, reader, onFailure, clock, ...limits });
}

async function loadAllowed<TState, TOutput>(
  options: ChatOptions<TState, TOutput>,
  sessionId: string,
): Promise<SessionSnapshot> {
  const session = await options.stateStore.load(sessionId);
  if (!session) throw notFound();
  await mustBeAllowed(options, session);
  return session;
}

async function mustBeAllowed<TState, TOutput>(
  { authorize = () => true }: ChatOptions<TState, TOutput>,
  session: SessionOwnership,
): Promise<void> {
  const allows: unknown = await authorize(session);
  if (allows === false) throw notFound();
  if (allows === true) return;
  throw new HelixError('framework_internal', `authorize must answer true or false, got ${typeof allows}`);
}

/** A session as the request will make it. */
function newSession<TState, TOutput>(
  { agent, identity = {} }: ChatOptions<TState, TOutput>,
  sessionId: string,
): SessionOwnership {
  return { sessionId, agentType: agent.name, identity };
}

/** The same words for a session of somebody else: nobody learns that it exists. */
function notFound(): HelixError {
  return new HelixError('state_session_not_found', 'there is no such session');
}
