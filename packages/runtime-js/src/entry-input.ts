import {
  checkId,
  checkUserId,
  HelixError,
  refuseUnknown,
  toJson,
  type AgentInput,
  type ExecuteOptions,
  type Ids,
  type JsonObject,
  type MessagePart,
  type ResumeOptions,
  type SessionIdentity,
  type UserMessage,
} from '@helix-agents/core';

/** What an entry is given, checked where it comes in. */
export interface EntryInput {
  readonly message: UserMessage;
  readonly state?: JsonObject;
  /** The caller chose the message's id: it may have made a turn before. */
  readonly named: boolean;
}

const inputMembers = {
  known: ['message', 'state', 'messageId'],
  called: { prompt: 'message', text: 'message', input: 'message', content: 'message', messages: 'message' },
};
const executeOptions = {
  known: ['sessionId', 'mustBeNew', 'userId', 'tags', 'metadata'],
  later: ['usageStore', 'hooks'],
  called: { threadId: 'sessionId', thread: 'sessionId', conversationId: 'sessionId', resourceId: 'userId' },
};
const resumeOptions = { known: ['mode', 'message'], later: ['checkpointId', 'abandonPending'] };

/** @throws HelixError `input_invalid`, naming what is wrong */
export function readInput(input: AgentInput, ids: Ids): EntryInput {
  const given = typeof input === 'string' ? { message: input } : input;
  if (typeof given !== 'object' || given === null)
    throw invalid('the input must be a text, or an object with a message');
  if (Array.isArray(given)) throw invalid('the input is a list; its parts are the message: { message: [ … ] }');
  refuseUnknown('input.', given, inputMembers);
  const { message, messageId, state } = given;
  const id = messageId === undefined ? ids.next('msg') : checkId('messageId', messageId);
  const fields = state === undefined ? {} : { state: readState(state) };
  return { message: { id, parts: readParts(message) }, named: messageId !== undefined, ...fields };
}

function readParts(message: unknown): readonly MessagePart[] {
  if (typeof message === 'string' && message !== '') return [{ type: 'text', text: message }];
  if (!Array.isArray(message) || message.length === 0) throw invalid('the message is empty');
  const parts = message as readonly Partial<MessagePart>[];
  const foreign = parts.find((part) => part?.type !== 'text' && part?.type !== 'file');
  if (foreign) throw invalid(`a user's message holds text and files, not ${JSON.stringify(foreign?.type ?? foreign)}`);
  // The types of the parts were just looked at; what is in them is read again where a prompt is made of it.
  return asData('the message', parts) as unknown as readonly MessagePart[];
}

function readState(state: unknown): JsonObject {
  if (typeof state !== 'object' || state === null || Array.isArray(state)) throw invalid('the state must be an object');
  return asData('the state', state) as JsonObject;
}

/**
 * The user and labels of a session.
 *
 * @throws HelixError `input_invalid`, naming what is wrong
 */
export function readIdentity(options: ExecuteOptions): SessionIdentity {
  refuseUnknown('execute: ', options, executeOptions);
  const { userId, tags, metadata } = options;
  // Whoever is asked of a user who is not there asks as nobody, who may enter every session.
  if (userId === undefined && Object.hasOwn(options, 'userId'))
    throw invalid('execute: userId is undefined: leave it out where nobody owns the session');
  if (tags !== undefined && !isListOfTexts(tags)) throw invalid('execute: tags must be a list of texts');
  if (metadata !== undefined && !isMapOfTexts(metadata))
    throw invalid('execute: metadata must be an object whose members are texts');
  const given = {
    ...(userId !== undefined && { userId: checkUserId(userId) }),
    ...(tags && { tags }),
    ...(metadata && { metadata }),
  };
  // The caller's own objects stay the caller's.
  return asData('the identity of a session', given) as SessionIdentity;
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isMapOfTexts(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && isListOfTexts(Object.values(value));
}

/**
 * What `resume` goes on with: what the user says, or undefined for nothing. A message is never dropped: it is the mode where none
 * is named.
 *
 * @throws HelixError `framework_not_supported` for a mode that this release does not have
 */
export function readResume(options: ResumeOptions): AgentInput | undefined {
  refuseUnknown('resume: ', options, resumeOptions);
  const { message, mode = message === undefined ? 'continue' : 'with_message' } = options;
  if (mode === 'continue') {
    if (message === undefined) return undefined;
    throw invalid("resume with mode 'continue' takes no message; leave the mode out");
  }
  if (mode !== 'with_message') throw noMode(mode);
  if (message === undefined) throw invalid("resume with mode 'with_message' needs a message");
  return message;
}

function noMode(mode: unknown): HelixError {
  if (mode === 'from_checkpoint')
    return new HelixError('framework_not_supported', "resume has no mode 'from_checkpoint' in this release");
  return invalid(`resume has no mode ${JSON.stringify(mode)}; there are continue and with_message`);
}

function asData(what: string, value: unknown) {
  try {
    return toJson(value);
  } catch (cause) {
    throw new HelixError(
      'input_invalid',
      `${what} cannot be written as JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

function invalid(message: string): HelixError {
  return new HelixError('input_invalid', message);
}
