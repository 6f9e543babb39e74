import {
  APICallError,
  EmptyResponseBodyError,
  InvalidResponseDataError,
  JSONParseError,
  TypeValidationError,
} from '@ai-sdk/provider';

/** What a failed model call shows of itself. */
export interface ErrorFacts {
  readonly message: string;
  /** HTTP status, or what the provider's package takes a streamed error for. */
  readonly status?: number;
  /** The provider's own words for it: `rate_limit_exceeded`, `overloaded_error`, ... */
  readonly codes: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  /** Where the request went, without what a query or a user part may hide. */
  readonly url?: string;
  /** The answer, where there was one. */
  readonly body: string;
  /** Whether the message is what a JSON answer says, and not the AI SDK's name for its status. */
  readonly hasOwnWords: boolean;
  /** Whether the AI SDK's package for the provider would try again. */
  readonly isRetryable?: boolean;
  /** The reply could not be understood: no JSON, or JSON of another shape. */
  readonly isUnreadable: boolean;
  /** Codes of the system and names of the errors below, outermost first. */
  readonly trail: readonly string[];
  /** What the innermost cause says. */
  readonly origin: string;
}

export function factsOf(error: unknown): ErrorFacts {
  const chain = causesOf(error);
  const isUnreadable = chain.some((link) => unreadable.some((kind) => kind.isInstance(link)));
  const trail = chain.flatMap((link) => textsAt(link, ['code', 'name']));
  return { ...ownFacts(error), ...answerOf(error), trail, origin: textOf(chain.at(-1)), isUnreadable };
}

function ownFacts(error: unknown): Pick<ErrorFacts, 'message' | 'status' | 'codes' | 'isRetryable'> {
  const fields = fieldsOf(error);
  const { statusCode, isRetryable } = fields;
  return {
    message: errorUnder2xx(error) ?? unreadWords(error) ?? misfitOf(error) ?? textOf(error),
    codes: codesOf(error, fields),
    ...(typeof statusCode === 'number' && { status: statusCode }),
    ...(typeof isRetryable === 'boolean' && { isRetryable }),
  };
}

/** What an answer says that is an error in spite of its status; the AI SDK only says that it is no reply. */
function errorUnder2xx(error: unknown): string | undefined {
  if (!APICallError.isInstance(error) || Math.floor((error.statusCode ?? 0) / 100) !== 2) return undefined;
  const body = answeredBy(error);
  return [...textsAt(body['error'], ['message']), ...textsAt(body, ['error'])].find((text) => text.trim() !== '');
}

/** Of an answer that its package could not read, the AI SDK only says what its status is called. */
function unreadWords(error: unknown): string | undefined {
  if (!APICallError.isInstance(error) || error.data !== undefined) return undefined;
  const words = wordsIn(answeredBy(error));
  return words.some((text) => textOf(error).includes(text)) ? undefined : words[0];
}

/** The AI SDK says what each branch of a schema wants, around what came. */
function misfitOf(error: unknown): string | undefined {
  if (!TypeValidationError.isInstance(error)) return undefined;
  const [words] = wordsIn(fieldsOf(error.value));
  return words ?? `the protocol has no such thing: ${excerpt(JSON.stringify(error.value) ?? 'nothing')}`;
}

const excerptChars = 200;

function excerpt(text: string): string {
  return text.length <= excerptChars ? text : `${text.slice(0, excerptChars)}…`;
}

function answerOf(error: unknown): Pick<ErrorFacts, 'headers' | 'url' | 'body' | 'hasOwnWords'> {
  if (!APICallError.isInstance(error)) return { headers: {}, body: '', hasOwnWords: false };
  const url = placeOf(error.url);
  const hasOwnWords = wordsIn(answeredBy(error)).some((words) => textOf(error).includes(words));
  return { headers: error.responseHeaders ?? {}, ...(url && { url }), body: error.responseBody ?? '', hasOwnWords };
}

/** Not every `fetch` and provider keeps to the type: some give a URL object, some nothing. */
function placeOf(url: string | URL | undefined): string {
  return String(url ?? '')
    .replace(/[?#].*$/s, '')
    .replace(/\/\/[^/]*@/, '//');
}

/** Most say `{ error: { message } }`; the rest is flat. */
function wordsIn(body: Record<string, unknown>): string[] {
  const words = [...textsAt(body['error'], ['message']), ...textsAt(body, ['message', 'error', 'detail'])];
  return words.filter((text) => text.trim() !== '');
}

/** The whole body before what its package took of it: some leave the code behind. */
function answeredBy({ data, responseBody }: APICallError): Record<string, unknown> {
  // Some packages put the parsed body where its text belongs.
  const body = typeof responseBody === 'object' ? responseBody : parsed(responseBody);
  return fieldsOf(isObject(body) ? body : data);
}

function textOf(error: unknown): string {
  const { message } = fieldsOf(error);
  return typeof message === 'string' ? message : String(error);
}

/** Bodies are `{ error: { type, code } }` nearly everywhere; an error in a stream carries the fields itself. */
function codesOf(error: unknown, fields: Record<string, unknown>): string[] {
  if (!APICallError.isInstance(error)) return textsAt(fields, ['code', 'type']);
  const body = answeredBy(error);
  const inner = fieldsOf(body['error']);
  const details = fieldsOf(inner['details']);
  return [
    ...textsAt(inner, ['code', 'type', 'status']),
    ...textsAt(details, ['error_code']),
    ...textsAt(body, ['code', 'type']),
  ];
}

function causesOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let link = error; link != null && !chain.includes(link); link = fieldsOf(link)['cause']) chain.push(link);
  return chain;
}

const unreadable = [JSONParseError, TypeValidationError, EmptyResponseBodyError, InvalidResponseDataError];

function textsAt(value: unknown, names: readonly string[]): string[] {
  const fields = fieldsOf(value);
  return names.flatMap((name) => (typeof fields[name] === 'string' ? [fields[name]] : []));
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
