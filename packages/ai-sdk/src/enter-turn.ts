import {
  findRun,
  HelixError,
  nextEntry,
  type Agent,
  type AgentExecutor,
  type ExecuteOptions,
  type MessagePart,
  type RunRecord,
  type SessionIdentity,
  type SessionRecords,
  type SessionSnapshot,
  type UserMessage,
} from '@helix-agents/core';
import type { ChatRequest } from './chat-request.ts';
import { findTurn } from './messages/find-turn.ts';

/** Who begins, goes on with, or joins a run. */
export interface TurnEntry<TState, TOutput> {
  readonly agent: Agent<TState, TOutput>;
  readonly executor: AgentExecutor;
  readonly stateStore: Pick<SessionRecords, 'findEndedRun' | 'messagesAfter'>;
  /** Whose the session becomes, where the request makes it: then nobody else's session of this id is entered. */
  readonly identity?: SessionIdentity;
}

/**
 * Does what a chat page asks for, durably: begins a turn, tries the last one again, or joins the one that is under way. Gives the
 * id of the run that was made or joined. A refusal comes from here, before a response began.
 */
export async function enterTurn<TState, TOutput>(
  entry: TurnEntry<TState, TOutput>,
  request: ChatRequest,
  session: SessionSnapshot | null,
): Promise<string> {
  if (request.edits) throw new HelixError('framework_not_supported', 'a message that was sent cannot be changed');
  if (!session) return begin(entry, request, { ...entry.identity, mustBeNew: true });
  const made = await findRun(entry.stateStore, session, { key: request.message.id });
  if (!made) return begin(entry, request);
  if (made.turn !== session.run?.turn)
    throw new HelixError('state_message_exists', `newer messages came after the message ${request.message.id}`);
  await mustBeSame(entry.stateStore, session, request.message);
  if (request.trigger === 'regenerate-message' && nextEntry(session.run) !== null)
    return again(entry, session.sessionId, session.run);
  // Wakes a run whose owner is gone; the caller joins it.
  await entry.executor.getHandle(entry.agent, session.sessionId);
  return session.run.runId;
}

/** A message id stands for its words: with others, the client believes that something was said that never was. */
async function mustBeSame(
  store: TurnEntry<never, never>['stateStore'],
  { sessionId, messageCount: upTo }: SessionSnapshot,
  message: UserMessage,
): Promise<void> {
  const turn = await findTurn(store, { sessionId, upTo });
  const made = turn?.said.find(({ id }) => id === message.id);
  if (!made || wordsOf(made.parts) === wordsOf(message.parts)) return;
  throw new HelixError('state_message_exists', `the message ${message.id} was sent before, with other words`);
}

/** Whatever order a store gives members in. */
function wordsOf(parts: readonly MessagePart[]): string {
  const said = parts.flatMap((part) => {
    if (part.type === 'text') return [[part.text]];
    return part.type === 'file' ? [[part.mediaType, part.url, part.filename ?? null]] : [];
  });
  return JSON.stringify(said);
}

async function begin<TState, TOutput>(
  { agent, executor }: TurnEntry<TState, TOutput>,
  { sessionId, message }: ChatRequest,
  options?: ExecuteOptions,
): Promise<string> {
  const input = { message: message.parts, messageId: message.id };
  return (await executor.execute(agent, input, { ...options, sessionId })).runId;
}

/** Goes on from the last commit: what was answered already is not asked for again. */
async function again<TState, TOutput>(
  { agent, executor }: TurnEntry<TState, TOutput>,
  sessionId: string,
  run: RunRecord,
): Promise<string> {
  const next = nextEntry(run);
  if (next === 'execute')
    throw new HelixError('state_not_resumable', 'the last reply is complete; say something new instead');
  const entered = next === 'resume' ? executor.resume(agent, sessionId) : executor.retry(agent, sessionId);
  return (await entered).runId;
}
