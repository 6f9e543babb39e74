import { HelixError, type MessagePart, type UserMessage } from '@helix-agents/core';
// Of a namespace, bundlers leave out what is not used; of the object `z`, nothing.
import * as z from 'zod';

/** What a chat page asks for. */
export interface ChatRequest {
  readonly sessionId: string;
  /** `submit-message`: say something. `regenerate-message`: try the last turn again. */
  readonly trigger: 'submit-message' | 'regenerate-message';
  readonly message: UserMessage;
  /** The client names an earlier message that it wants to change. */
  readonly edits: boolean;
}

const id = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/, 'must be 1 to 100 of A-Z a-z 0-9 _ -');

/** What no store could keep, or give back unchanged. */
const text = z
  .string()
  .refine((value) => value.isWellFormed() && !value.includes('\0'), 'must be well-formed text without NUL');
const url = text
  .regex(/^(data:|https:\/\/)/i, 'must be a data: or https: URL')
  .refine(canBeRead, 'must be a URL that can be read: a data: URL needs a comma, then base64 or percent-encoded text');
const mediaType = text.max(255).regex(/^[\w!#$&^.+*-]+\/[\w!#$&^.+*-]+(\s*;.*)?$/, 'must be a media type: image/png');

const userMessage = z.object({
  id,
  role: z.literal('user', 'the last message must be one of the user'),
  parts: z
    .array(
      z.discriminatedUnion('type', [
        z.object({ type: z.literal('text'), text }),
        z.object({ type: z.literal('file'), mediaType, url, filename: text.max(255).optional() }),
      ]),
    )
    .min(1)
    .max(100)
    .refine((parts) => parts.some((part) => part.type === 'file' || part.text.trim() !== ''), 'must not be empty'),
});

const chatBody = z.object({
  id: id.optional(),
  // The client's history is not read: the record is.
  messages: z.array(z.unknown()).min(1).max(10_000),
  trigger: z.enum(['submit-message', 'regenerate-message']).default('submit-message'),
  messageId: z.string().max(200).nullish(),
});

/**
 * Reads the body that `DefaultChatTransport` sends: the last message counts, the record has the others. `sessionId` is the id of
 * the path, where it has one.
 *
 * @throws HelixError `input_invalid`, naming the field
 */
export function parseChatRequest(body: unknown, sessionId?: string): ChatRequest {
  const { id: given, messages, trigger, messageId } = check(chatBody, body, '');
  const session = check(id, sessionId ?? given, 'id');
  if (given !== undefined && given !== session) throw invalid('id', 'is not the id of the path');
  const last = check(userMessage, messages.at(-1), `messages[${messages.length - 1}]`);
  return {
    sessionId: session,
    trigger,
    message: { id: last.id, parts: last.parts.flatMap(toPart) },
    edits: trigger === 'submit-message' && typeof messageId === 'string',
  };
}

function toPart(part: z.infer<typeof userMessage>['parts'][number]): MessagePart[] {
  if (part.type === 'text') return part.text === '' ? [] : [{ type: 'text', text: part.text }];
  const { mediaType: type, url: address, filename } = part;
  return [{ type: 'file', mediaType: type, url: address, ...(filename !== undefined && { filename }) }];
}

/** A file that no model could be given would fail this turn, and each one that is told of it. */
function canBeRead(address: string): boolean {
  if (!/^data:/i.test(address)) return URL.canParse(address);
  const comma = address.indexOf(',');
  const body = address.slice(comma + 1);
  if (comma < 0) return false;
  return /;\s*base64$/i.test(address.slice(0, comma)) ? isBase64(body) : isPercentEncoded(body);
}

/** As browsers and the AI SDK write it: providers take no other alphabet, and want the padding. */
function isBase64(body: string): boolean {
  return body.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(body);
}

function isPercentEncoded(body: string): boolean {
  try {
    decodeURIComponent(body);
    return true;
  } catch {
    return false;
  }
}

function check<T>(schema: z.ZodType<T>, value: unknown, at: string): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const path = (issue?.path ?? []).map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  throw invalid(`${at}${path}`.replace(/^\./, '') || 'body', issue?.message ?? 'is not valid');
}

function invalid(field: string, problem: string): HelixError {
  return new HelixError('input_invalid', `${field}: ${problem}`);
}
