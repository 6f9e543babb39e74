import { HelixError, type ErrorCode, type JsonObject } from '@helix-agents/core';
import { factsOf, type ErrorFacts } from './error-facts.ts';
import { isOtherPlace, otherPlace } from './other-protocol.ts';
import { retryAfterMsIn } from './retry-after.ts';
import { withoutKeys } from './without-keys.ts';

/**
 * Any error of the AI SDK, of a provider or of the network as a `HelixError`. Details hold what is known of `status`,
 * `providerCode`, `requestId` and `retryAfterMs`. A `HelixError` stays as it is. Messages are one line, without keys.
 *
 * @param nowMs Unix ms from which a `Retry-After` date is measured where the server does not tell its time; default now
 */
export function mapVercelError(error: unknown, nowMs: number = Date.now()): HelixError {
  if (HelixError.is(error)) return error;
  const facts = factsOf(error);
  const { code, retryable, message } = verdictOn(facts);
  return new HelixError(code, oneLine(message?.(facts) ?? messageOf(facts)), {
    // An error about a header quotes it, and the key with it.
    ...(!saysBadHeader(facts) && { cause: error }),
    details: detailsOf(facts, nowMs),
    retryable,
  });
}

interface Verdict {
  readonly code: ErrorCode;
  /** Where the registry's answer for the code is not right. */
  readonly retryable?: boolean;
  /** Where the error itself says too much, or not what is the matter. */
  readonly message?: (facts: ErrorFacts) => string;
}

/** First match wins. Codes go before statuses: providers agree on neither, but codes say more. */
const verdicts: readonly (readonly [applies: (facts: ErrorFacts) => boolean, verdict: Verdict])[] = [
  [({ trail }) => trail[0] === 'AbortError', { code: 'framework_cancelled' }],
  [saysBadHeader, { code: 'provider_auth_failed', message: () => badHeader }],
  [isOtherPlace, { code: 'provider_unreachable', retryable: false, message: otherPlace }],
  [saysContextExceeded, { code: 'provider_context_exceeded' }],
  [has('content_filter', 'content_policy_violation', 'ResponsibleAIPolicyViolation'), { code: 'provider_refused' }],
  // Waiting does not fill an account.
  [has('insufficient_quota', 'billing_error'), { code: 'provider_rate_limited', retryable: false }],
  [answered(402), { code: 'provider_rate_limited', retryable: false }],
  [answered(429), { code: 'provider_rate_limited' }],
  [has('overloaded_error'), { code: 'provider_overloaded' }],
  [answered(503, 529), { code: 'provider_overloaded' }],
  [has('model_not_found'), { code: 'provider_model_not_found' }],
  [({ trail }) => trail[0] === 'AI_NoSuchModelError', { code: 'provider_model_not_found' }],
  [answered(404), { code: 'provider_model_not_found' }],
  [answered(401, 403), { code: 'provider_auth_failed' }],
  [saysBadKey, { code: 'provider_auth_failed' }],
  [({ trail }) => /^AI_Load(APIKey|Setting)Error$/.test(trail[0] ?? ''), { code: 'provider_auth_failed' }],
  [({ isUnreadable }) => isUnreadable, { code: 'provider_bad_response' }],
  // The model wrote a call that nobody can read; the next try is another throw of the dice.
  [has('tool_use_failed'), { code: 'provider_bad_response' }],
  [answered(408), { code: 'provider_timeout' }],
  [passesThrough('UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'TimeoutError'), { code: 'provider_timeout' }],
  [({ status = 0 }) => status >= 500, { code: 'provider_error' }],
  [({ status = 0 }) => status >= 200 && status < 300, { code: 'provider_error', message: brokenOff }],
  [({ status = 0, isRetryable }) => status >= 400 && isRetryable === true, { code: 'provider_error' }],
  [({ status = 0 }) => status >= 400, { code: 'provider_invalid_request' }],
  [passesThrough('ERR_INVALID_URL'), { code: 'provider_invalid_request' }],
  [isNetworkFailure, { code: 'provider_unreachable' }],
  [({ trail }) => trail[0]?.startsWith('AI_Invalid') ?? false, { code: 'provider_invalid_request' }],
  [({ trail }) => trail[0] === 'AI_UnsupportedFunctionalityError', { code: 'provider_invalid_request' }],
  [isFaultOfProgram, { code: 'provider_error', retryable: false }],
];

function verdictOn(facts: ErrorFacts): Verdict {
  return verdicts.find(([applies]) => applies(facts))?.[1] ?? { code: 'provider_error' };
}

function has(...codes: string[]): (facts: ErrorFacts) => boolean {
  return (facts) => facts.codes.some((code) => codes.includes(code));
}

function answered(...statuses: number[]): (facts: ErrorFacts) => boolean {
  return ({ status }) => status !== undefined && statuses.includes(status);
}

function passesThrough(...names: string[]): (facts: ErrorFacts) => boolean {
  return ({ trail }) => trail.some((name) => names.includes(name));
}

/** A limit on tokens per minute also speaks of tokens: its status tells it apart, and in a stream, where it has none, its words. */
function saysContextExceeded({ codes, message, status }: ErrorFacts): boolean {
  if (status === 429) return false;
  if (codes.includes('context_length_exceeded') || codes.includes('request_too_large')) return true;
  return contextWords.some((words) => words.test(message));
}

const contextWords = [
  /maximum (context|prompt) length|context window|context limit|available context size/i,
  /prompt is too long|input is too long|too many tokens:|input token count|tokens exceeds maximum length/i,
  /exceeds the maximum number of tokens/i,
];

/** Google and xAI answer 400 to it. */
function saysBadKey({ status, message }: ErrorFacts): boolean {
  return status === 400 && /\bAPI key (not valid|expired)|\b(incorrect|invalid) API key/i.test(message);
}

/** Without an answer, what the AI SDK would try again, and what the platforms say that know no codes. */
function isNetworkFailure({ status, isRetryable, trail, message }: ErrorFacts): boolean {
  if (status !== undefined) return false;
  if (isRetryable === true || trail.some((name) => /^E(?!RR_)[A-Z_]+$|^UND_ERR_/.test(name))) return true;
  return /fetch failed|failed to fetch|load failed|networkerror|network connection lost|^terminated$/i.test(message);
}

/** Some platforms tell of a lost network by a `TypeError`: only the words of the language itself are a program's. */
function isFaultOfProgram({ status, trail, message }: ErrorFacts): boolean {
  if (status !== undefined) return false;
  if (trail.some((name) => /^(Assertion|Range|Reference)Error$/.test(name))) return true;
  return (
    trail[0] === 'TypeError' &&
    /is not (a function|a constructor|iterable|an object)|cannot (read|set) propert|undefined|null/i.test(message)
  );
}

const badHeader =
  'a header of the request, most likely the API key, holds characters that HTTP does not allow: a line break, a typographic quote';

/**
 * No request went out: its headers cannot be written. These are the words of undici and Firefox, of `node:http`, of Bun, and of who says
 * no more than `Invalid header value`. A header of the answer can be invalid too (`Invalid header value char`): that is the server's.
 */
function saysBadHeader({ status, message }: ErrorFacts): boolean {
  if (status !== undefined) return false;
  return /ByteString|is an invalid header (name|value)|invalid character in header content|^header '.*' has invalid value|^invalid header (name|value)\b(?! char)/is.test(
    message,
  );
}

/** The AI SDK's own words for it name neither. */
function brokenOff(facts: ErrorFacts): string {
  if (!facts.message.startsWith('Failed to process')) return messageOf(facts);
  return `the connection broke off in the middle of the reply (${facts.origin})`;
}

function messageOf({ message, status }: ErrorFacts): string {
  return message.trim() === '' ? `the provider answered ${status ?? 'nothing'}` : message;
}

const messageChars = 2_000;

function oneLine(text: string): string {
  return withoutKeys(text).replaceAll(/\s+/g, ' ').trim().slice(0, messageChars);
}

function detailsOf({ status, codes, headers, body }: ErrorFacts, nowMs: number): JsonObject {
  const retryAfterMs = retryAfterMsIn({ headers, body }, nowMs);
  const requestId = headers['x-request-id'] ?? headers['request-id'];
  return {
    ...(status !== undefined && { status }),
    ...(codes[0] !== undefined && { providerCode: codes[0] }),
    ...(requestId !== undefined && { requestId }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}
