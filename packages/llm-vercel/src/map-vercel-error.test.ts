// Would catch: an error whose code sends the loop into retries that cannot help, or a person to the wrong place.
import {
  APICallError,
  InvalidResponseDataError,
  LoadAPIKeyError,
  NoSuchModelError,
  TypeValidationError,
  UnsupportedFunctionalityError,
} from '@ai-sdk/provider';
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
  [
    "Google's wrong key",
    answered(400, {}, 'API key not valid. Please pass a valid API key.'),
    'provider_auth_failed',
    false,
  ],
  [
    "xAI's wrong key",
    answered(400, {}, 'invalid argument: Incorrect API key provided: xx'),
    'provider_auth_failed',
    false,
  ],
  [
    'a call that Groq could not read of its model',
    answered(400, { error: { message: 'Failed to call a function.', code: 'tool_use_failed' } }),
    'provider_bad_response',
    true,
  ],
  [
    'a call without an id',
    new InvalidResponseDataError({ data: {}, message: "Expected 'id' to be a string." }),
    'provider_bad_response',
    true,
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
    "Bedrock's limit on tokens a minute, told in its stream",
    { message: 'Too many tokens, please wait before trying again.' },
    'provider_error',
    true,
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
  [
    'a broken header of the answer',
    new APICallError({
      message: 'Cannot connect to API: Response does not match the HTTP/1.1 protocol (Invalid header value char)',
      url: 'https://x.test',
      requestBodyValues: {},
      isRetryable: true,
      cause: Object.assign(new Error('x'), { code: 'HPE_INVALID_HEADER_TOKEN' }),
    }),
    'provider_unreachable',
    true,
  ],
  [
    'a broken header of the answer, as the parser tells of it',
    Object.assign(new Error('Invalid header value char'), { code: 'HPE_INVALID_HEADER_TOKEN' }),
    'provider_error',
    true,
  ],
  ['a lost network on Workers', new Error('Network connection lost.'), 'provider_unreachable', true],
  ['a slip in a program', new TypeError('model.doStream is not a function'), 'provider_error', false],
  ['an assertion', Object.assign(new Error('x'), { name: 'AssertionError' }), 'provider_error', false],
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

test.each([
  "This model's maximum prompt length is 131072 but the request contains 200000 tokens.",
  'input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000',
  'too many tokens: total number of tokens in the prompt cannot exceed 4081',
  'the request exceeds the available context size, try increasing it',
  'Prompt contains 200000 tokens, too large for model with 131072 maximum context length',
  'Input Tokens Exceeded: Number of input tokens exceeds maximum length.',
  'Your input exceeds the context window of this model.',
])('too long a prompt, in the words of a provider: %s', (message) => {
  expect(mapVercelError(answered(400, {}, message))).toMatchObject({ code: 'provider_context_exceeded' });
});

test.each([
  [{ object: 'error', message: 'Unexpected role', type: 'x' }, 'Unexpected role'],
  [{ error: 'model is loading' }, 'model is loading'],
  [{ detail: [{ loc: ['body'] }] }, 'Bad Request'],
])('an answer that the package could not read says it in its own words: %j', (body, message) => {
  expect(mapVercelError(answered(400, body, 'Bad Request')).message).toBe(message);
});

test('an answer that the package could read, or quotes already, is told in the words of the package', () => {
  const body = { error: 'model is loading' };
  const read = Object.assign(answered(400, body, 'Wait.'), { data: body });
  expect(mapVercelError(read).message).toBe('Wait.');
  expect(mapVercelError(answered(400, body, 'Ollama: model is loading')).message).toBe('Ollama: model is loading');
});

test("a code that a package left behind is read from the body: Groq's", () => {
  const error = { message: 'Please reduce the length of the messages or completion.', type: 'x' };
  const thrown = new APICallError({
    message: error.message,
    url: 'https://x.test',
    requestBodyValues: {},
    statusCode: 400,
    responseBody: JSON.stringify({ error: { ...error, code: 'context_length_exceeded' } }),
    data: { error },
  });
  expect(mapVercelError(thrown)).toMatchObject({ code: 'provider_context_exceeded' });
});

test.each([
  [{ error: 'llama runner process has terminated' }, 'llama runner process has terminated'],
  [{ choices: [{ delta: { content: 1 } }] }, 'the protocol has no such thing: {"choices":[{"delta":{"content":1}}]}'],
  [{ choices: 'x'.repeat(500) }, `the protocol has no such thing: {"choices":"${'x'.repeat(188)}…`],
])('a piece of a reply that does not fit the protocol is told without the words of a schema: %j', (value, message) => {
  const error = new TypeValidationError({ value, cause: new Error('[{"code":"invalid_union"}]') });
  expect(mapVercelError(error)).toMatchObject({ code: 'provider_bad_response', message });
});

test('Google says in the body how long to wait', () => {
  const info = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.074824224s' };
  const error = answered(429, { error: { status: 'RESOURCE_EXHAUSTED', details: [info] } });
  expect(mapVercelError(error).details).toMatchObject({ retryAfterMs: 34_075 });
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
  'Headers.append: "Bearer sk-abc\nx" is an invalid header value.',
  'Headers constructor: sk-abc\nx is an invalid header value.',
  'Cannot convert argument to a ByteString because the character at index 7 has a value of 8220',
  'Invalid character in header content ["authorization"]',
  "Header 'Authorization' has invalid value: 'Bearer sk-abc\nx'",
  'Invalid header value.',
])('a header that cannot be sent is a wrong key, and nothing of it is shown: %j', (text) => {
  const mapped = mapVercelError(new TypeError(text));
  expect(mapped).toMatchObject({ code: 'provider_auth_failed', retryable: false });
  expect(mapped.cause).toBeUndefined();
  expect(mapped.message).not.toContain('abc');
});

test.each([
  { error: { message: 'No endpoints found that support tool use', code: 404 } },
  { error: { message: "Item with id 'rs_1' not found.", type: 'invalid_request_error', code: null } },
  { type: 'error', error: { type: 'not_found_error', message: 'File not found: file_011' } },
  { code: 'not-found', error: 'The file is gone' },
])('a 404 keeps what the provider says itself: %j', (body) => {
  const words = typeof body.error === 'string' ? body.error : body.error.message;
  const mapped = mapVercelError(answered(404, body, words));
  expect(mapped).toMatchObject({ message: words, retryable: false });
  expect(mapped.code).not.toBe('provider_unreachable');
});

test.each<[number, unknown, string]>([
  [404, { type: 'error', error: { type: 'not_found_error', message: 'Not Found' } }, 'Not Found'],
  [404, { error: { code: '404', message: 'Resource not found' } }, 'Resource not found'],
  [404, { error: { message: 'Invalid URL (POST /chat/completions)' } }, 'Invalid URL (POST /chat/completions)'],
  [404, { message: 'nothing lives here' }, 'Not Found'],
  [404, { error: { message: '' } }, ''],
  [405, { detail: 'Method Not Allowed' }, 'Method Not Allowed'],
])('a %i that only says that there is no such path tells of the base URL: %j', (status, body, message) => {
  const mapped = mapVercelError(answered(status, body, message));
  expect(mapped).toMatchObject({ code: 'provider_unreachable', retryable: false });
  expect(mapped.message).toMatch(/^the base URL does not speak this protocol/);
});

test('a key in a message does not leave', () => {
  const { message } = mapVercelError(answered(401, {}, 'Incorrect API key provided: sk-proj-abcdefghijkl123.'));
  expect(message).toBe('Incorrect API key provided: sk-proj….');
});

test.each([
  [undefined, 'it'],
  [new URL('https://me:secret@x.test/v1?key=secret'), 'https://x.test/v1'],
])('an error whose URL is %s keeps its status', (url, shown) => {
  const failed = (statusCode: number) =>
    mapVercelError(
      new APICallError({ message: 'slow down', url: url as unknown as string, requestBodyValues: {}, statusCode }),
    );
  expect(failed(429)).toMatchObject({ code: 'provider_rate_limited', retryable: true, details: { status: 429 } });
  expect(failed(404).message).toBe(`the base URL does not speak this protocol: ${shown} answered 404 with nothing`);
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
