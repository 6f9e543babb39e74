// Would catch: an error whose code sends the loop into retries that cannot help, or a person to the wrong place.
import { APICallError, LoadAPIKeyError, NoSuchModelError, UnsupportedFunctionalityError } from '@ai-sdk/provider';
import { HelixError, type ErrorCode } from '@helix-agents/core';
import { expect, test } from 'vitest';
import { mapVercelError } from './map-vercel-error.ts';

const answered = (
  statusCode: number,
  body: unknown = {},
  message = 'refused',
  responseHeaders: Record<string, string> = {},
) =>
  new APICallError({
    message,
    url: 'https://x.test',
    requestBodyValues: {},
    statusCode,
    responseHeaders,
    responseBody: JSON.stringify(body),
  });

const tokensPerMinute = 'Request too large: the maximum context length of tokens per min';

test.each<[string, unknown, ErrorCode, boolean]>([
  ['an empty account', answered(429, { error: { code: 'insufficient_quota' } }), 'provider_rate_limited', false],
  ['a payment due', answered(402), 'provider_rate_limited', false],
  ['a token limit per minute', answered(429, {}, tokensPerMinute), 'provider_rate_limited', true],
  [
    'a body that is too large',
    answered(413, { error: { type: 'request_too_large' } }),
    'provider_context_exceeded',
    false,
  ],
  [
    "Google's long prompt",
    answered(400, {}, 'The input token count (1200000) exceeds'),
    'provider_context_exceeded',
    false,
  ],
  ["Azure's filter", answered(400, { error: { code: 'content_filter' } }), 'provider_refused', false],
  ['a path that is unknown', answered(404), 'provider_unreachable', false],
  [
    "Azure's unknown deployment",
    answered(404, { error: { code: 'DeploymentNotFound' } }),
    'provider_model_not_found',
    false,
  ],
  [
    'a page in one piece',
    answered(200, {}, 'Invalid JSON', { 'content-type': 'text/html' }),
    'provider_unreachable',
    false,
  ],
  ['a model under 400', answered(400, { error: { code: 'model_not_found' } }), 'provider_model_not_found', false],
  ['forbidden', answered(403), 'provider_auth_failed', false],
  ['a server time-out', answered(408), 'provider_timeout', true],
  ['a conflict', answered(409), 'provider_error', true],
  ['an unprocessable request', answered(422), 'provider_invalid_request', false],
  ['529', answered(529), 'provider_overloaded', true],
  ['a missing key', new LoadAPIKeyError({ message: 'OPENAI_API_KEY is missing' }), 'provider_auth_failed', false],
  [
    'an unknown id',
    new NoSuchModelError({ modelId: 'm', modelType: 'languageModel' }),
    'provider_model_not_found',
    false,
  ],
  [
    'a missing ability',
    new UnsupportedFunctionalityError({ functionality: 'audio' }),
    'provider_invalid_request',
    false,
  ],
  ['a lost network', new TypeError('fetch failed', { cause: { code: 'ENOTFOUND' } }), 'provider_unreachable', true],
  [
    'a base URL that is none',
    new TypeError('x', { cause: { code: 'ERR_INVALID_URL' } }),
    'provider_invalid_request',
    false,
  ],
  ['a lost network on Workers', new Error('Network connection lost.'), 'provider_unreachable', true],
  ['silent headers', new TypeError('x', { cause: { code: 'UND_ERR_HEADERS_TIMEOUT' } }), 'provider_timeout', true],
  ['an abort', new DOMException('gone', 'AbortError'), 'framework_cancelled', false],
  [
    'an error in a stream',
    { message: 'busy', type: 'overloaded_error', isRetryable: true },
    'provider_overloaded',
    true,
  ],
  ['anything else', 'what?', 'provider_error', true],
])('%s is %3$s', (_, error, code, retryable) => {
  const mapped = mapVercelError(error);
  expect(mapped).toMatchObject({ code, retryable, cause: error });
  expect(HelixError.is(mapped)).toBe(true);
});

test.each<[Record<string, string>, number | undefined]>([
  [{ 'retry-after': '0.5' }, 500],
  [{ 'retry-after': 'Thu, 01 Jan 1970 00:01:00 GMT' }, 50_000],
  [{ 'retry-after': 'Thu, 01 Jan 1970 00:00:01 GMT' }, 0],
  [{ 'retry-after-ms': '20', 'retry-after': '9' }, 20],
  [{ 'retry-after': 'soon' }, undefined],
  [{}, undefined],
])('the headers %j ask for %j ms', (headers, retryAfterMs) => {
  expect(mapVercelError(answered(429, {}, 'slow down', headers), 10_000).details?.['retryAfterMs']).toBe(retryAfterMs);
});

test('a HelixError stays what it is', () => {
  const error = new HelixError('state_lease_lost', 'gone');
  expect(mapVercelError(error)).toBe(error);
});

test.each([
  'Incorrect API key provided: sk-proj-abcdefghijkl123.',
  'Unknown token "Bearer abcdefghijkl"',
  'Wrong: Bearer my\nabcdefghijkl',
])('a key in a message does not leave: %j', (text) => {
  const { message } = mapVercelError(answered(401, {}, text));
  expect(message).not.toContain('abcdefghijkl');
});

test('a message is one line', () => {
  expect(mapVercelError(answered(400, {}, 'first\n\n  second\t third ')).message).toBe('first second third');
});

test('neither a query nor a password of the URL is shown', () => {
  const error = new APICallError({
    message: 'Not Found',
    url: 'https://me:secret@x.test/v1/chat?key=secret',
    requestBodyValues: {},
    statusCode: 404,
  });
  expect(mapVercelError(error).message).toBe(
    'the base URL does not speak this protocol: https://x.test/v1/chat answered 404 with nothing',
  );
});
