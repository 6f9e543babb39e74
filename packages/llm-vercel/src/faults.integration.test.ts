// Would catch: a fault of a provider that ends a run which could go on, or is repeated although it cannot succeed.
import { afterEach, describe, expect, test } from 'vitest';
import { createServer, type AddressInfo } from 'node:net';
import { HelixError, type ErrorCode, type StepResult } from '@helix-agents/core';
import { anthropic } from '../test/anthropic.ts';
import { ask } from '../test/ask.ts';
import { FakeProvider, sse, type Answer } from '../test/fake-provider.ts';
import { openaiChat } from '../test/openai-chat.ts';
import { openaiResponses } from '../test/openai-responses.ts';
import type { VercelAIAdapterOptions } from './adapter-options.ts';
import { gateOf, type Protocol, type ScriptedBlock, type ScriptedError, type ScriptedReply } from '../test/protocol.ts';

const usage = { input: 10, cached: 0, output: 5, reasoning: 0 };
const text: ScriptedBlock = { text: 'It rains in Bergen.' };
const reply = (script: Partial<ScriptedReply>): ScriptedReply => ({ blocks: [text], stop: 'end', usage, ...script });
const call = (id: string, json: string): ScriptedBlock => ({ call: { id, name: 'weather', arguments: json } });

/** Hours later than any wait that a test could take for right by accident. */
const inAnHour = (): Record<string, string> => ({
  date: 'Tue, 06 Jan 2026 08:00:00 GMT',
  'retry-after': 'Tue, 06 Jan 2026 09:00:00 GMT',
});

const withHeaders = (kind: ScriptedError, headers: Record<string, string>) => (protocol: Protocol) => [
  { ...protocol.error(kind), headers },
];
const refusal = (kind: ScriptedError) => (protocol: Protocol) => [protocol.error(kind)];

interface Fault {
  readonly fault: string;
  readonly answers: (protocol: Protocol) => Answer[];
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly details?: Record<string, unknown>;
  readonly model?: { readonly apiKey?: string; readonly modelId?: string };
  readonly adapter?: Pick<VercelAIAdapterOptions, 'idleTimeoutMs' | 'thinkingTimeoutMs' | 'streaming'>;
  readonly timeoutMs?: number;
  readonly cut?: true;
  readonly message?: RegExp;
}

const html = { 'content-type': 'text/html; charset=utf-8' };

const none = () => [];
const stalled = (protocol: Protocol): Answer[] => [{ events: protocol.events(reply({}), false), ending: 'stall' }];
const silent = (): Answer[] => [{ events: [], ending: 'stall' }];

const faults: Fault[] = [
  {
    fault: '429 with Retry-After in seconds',
    answers: withHeaders('rate-limit', { 'retry-after': '7' }),
    code: 'provider_rate_limited',
    retryable: true,
    details: { status: 429, retryAfterMs: 7_000, requestId: 'req_1' },
  },
  {
    fault: '429 with Retry-After as a date',
    answers: withHeaders('rate-limit', inAnHour()),
    code: 'provider_rate_limited',
    retryable: true,
    details: { retryAfterMs: 3_600_000 },
  },
  {
    fault: '429 with retry-after-ms',
    answers: withHeaders('rate-limit', { 'retry-after-ms': '1500', 'retry-after': '2' }),
    code: 'provider_rate_limited',
    retryable: true,
    details: { retryAfterMs: 1_500 },
  },
  { fault: 'overload (503, 529)', answers: refusal('overloaded'), code: 'provider_overloaded', retryable: true },
  { fault: '500', answers: refusal('server'), code: 'provider_error', retryable: true },
  {
    fault: '500 with a page of HTML',
    answers: () => [{ status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad gateway</h1>' }],
    code: 'provider_error',
    retryable: true,
  },
  {
    fault: 'a page of HTML where the events should be',
    answers: () => [{ status: 200, headers: html, body: '<!doctype html>\n<p>Welcome</p>\n' }],
    code: 'provider_unreachable',
    retryable: false,
    message: /^the base URL does not speak this protocol: .* with text\/html/,
  },
  {
    fault: 'JSON where the events should be',
    answers: () => [
      { status: 200, body: { error: { message: 'You exceeded your quota', code: 'insufficient_quota' } } },
    ],
    code: 'provider_bad_response',
    retryable: false,
    message:
      /^the provider answered with application\/json instead of a stream of events: an error, or .*streaming: false/,
  },
  {
    fault: '200 for an error, where the reply is asked for in one piece',
    answers: () => [
      { status: 200, body: { error: { message: 'You exceeded your quota', code: 'insufficient_quota' } } },
    ],
    adapter: { streaming: false },
    code: 'provider_rate_limited',
    retryable: false,
    details: { providerCode: 'insufficient_quota' },
    message: /^You exceeded your quota$/,
  },
  {
    fault: '200 for an error without a code, where the reply is asked for in one piece',
    answers: () => [{ status: 200, body: { error: 'out of workers' } }],
    adapter: { streaming: false },
    code: 'provider_bad_response',
    retryable: true,
    message: /^out of workers$/,
  },
  {
    fault: '404 with a page of HTML',
    answers: () => [{ status: 404, headers: html, body: '<h1>Not Found</h1> <p>Our model cars are sold out</p>' }],
    code: 'provider_unreachable',
    retryable: false,
    message:
      /^the base URL does not speak this protocol: http:\/\/127\.0\.0\.1:\d+\/v1\/\S+ answered 404 with text\/html$/,
  },
  {
    fault: '404 that speaks of no model',
    answers: () => [{ status: 404, headers: { 'content-type': 'text/plain' }, body: '404 page not found' }],
    code: 'provider_unreachable',
    retryable: false,
    message: /answered 404 with text\/plain$/,
  },
  {
    fault: '404 for something else than a model',
    answers: () => [
      { status: 404, body: { type: 'error', error: { type: 'x', message: 'File not found: file_011' } } },
    ],
    code: 'provider_model_not_found',
    retryable: false,
    message: /^File not found: file_011$/,
  },
  {
    fault: '404 for a model, in other words',
    answers: () => [{ status: 404, body: { object: 'error', message: 'The model `x` does not exist', code: 404 } }],
    code: 'provider_model_not_found',
    retryable: false,
  },
  {
    fault: 'a stream that breaks in the middle',
    answers: (protocol) => [{ events: protocol.events(reply({}), false), ending: 'break' }],
    code: 'provider_error',
    retryable: true,
    message: /^the connection broke off in the middle of the reply \(.+\)$/,
  },
  {
    fault: 'a stream that ends before the reply does',
    answers: (protocol) => [{ events: protocol.events(reply({}), false) }],
    code: 'provider_error',
    retryable: true,
  },
  { fault: 'a stream without a word', answers: () => [{ events: [] }], code: 'provider_error', retryable: true },
  {
    fault: 'a stream that carries garbage',
    answers: (protocol) => [{ events: [...protocol.events(reply({}), false), sse('{"choices": [')] }],
    code: 'provider_bad_response',
    retryable: true,
  },
  {
    fault: 'a rate limit in the stream',
    answers: (protocol) => [{ events: [...protocol.events(reply({}), false), protocol.streamError('rate-limit')] }],
    code: 'provider_rate_limited',
    retryable: true,
  },
  {
    fault: 'a rate limit in a stream that stays open',
    answers: (protocol) => [
      { events: [...protocol.events(reply({}), false), protocol.streamError('rate-limit')], ending: 'stall' },
    ],
    code: 'provider_rate_limited',
    retryable: true,
    cut: true,
  },
  {
    fault: 'a stall in the middle',
    answers: stalled,
    adapter: { idleTimeoutMs: 500 },
    code: 'provider_timeout',
    retryable: true,
    cut: true,
  },
  {
    fault: 'a stall before the first word',
    answers: silent,
    adapter: { thinkingTimeoutMs: 500 },
    code: 'provider_timeout',
    retryable: true,
    cut: true,
  },
  {
    fault: 'a call that takes too long',
    answers: silent,
    timeoutMs: 500,
    code: 'provider_timeout',
    retryable: true,
    cut: true,
  },
  {
    fault: 'a wrong key',
    answers: none,
    model: { apiKey: 'sk-wrong-key-1234567890' },
    code: 'provider_auth_failed',
    retryable: false,
    details: { status: 401 },
  },
  {
    fault: 'an unknown model',
    answers: none,
    model: { modelId: 'nope' },
    code: 'provider_model_not_found',
    retryable: false,
  },
  { fault: 'too long a prompt', answers: refusal('context'), code: 'provider_context_exceeded', retryable: false },
  {
    fault: 'a request it does not take',
    answers: refusal('bad-request'),
    code: 'provider_invalid_request',
    retryable: false,
  },
];

let fake: FakeProvider | undefined;
afterEach(() => fake?.close());

const cases = [openaiChat, openaiResponses, anthropic].flatMap((protocol) =>
  faults.map((fault) => ({ protocol, ...fault })),
);

test.each(cases)('$protocol.name, $fault: $code', async (row) => {
  fake = await FakeProvider.start(gateOf(row.protocol));
  fake.answer(...row.answers(row.protocol));
  const result = await ask(row.protocol.model(fake.baseURL, row.model), {
    ...(row.adapter && { adapter: row.adapter }),
    ...(row.timeoutMs !== undefined && { config: { timeoutMs: row.timeoutMs } }),
  });
  const error = errorOf(result);
  expect(error).toMatchObject({ code: row.code, retryable: row.retryable });
  expect(error.details).toMatchObject({ provider: expect.any(String) as string, ...row.details });
  expect(error.message).not.toContain('wrong-key-1234567890');
  expect(error.message).toMatch(row.message ?? /^.+$/);
  expect(error.message).not.toContain('\n');
  expect(fake.requests).toHaveLength(1);
  await expect.poll(() => fake?.requests[0]?.cut).toBe(row.cut ?? false);
});

function errorOf(result: StepResult): HelixError {
  return HelixError.from(result.type === 'error' ? result.error : result.type, 'framework_internal');
}

test.each([
  ['a line break', 'sk-abc\nx'],
  ['a typographic quote', '“sk-abc”'],
])('$0 in a key is a wrong key: nothing is sent, nothing is shown of it', async (_, apiKey) => {
  for (const protocol of [openaiChat, openaiResponses, anthropic]) {
    fake = await FakeProvider.start(gateOf(protocol));
    const error = errorOf(await ask(protocol.model(fake.baseURL, { apiKey }), {}));
    expect(error).toMatchObject({ code: 'provider_auth_failed', retryable: false });
    expect(`${error.message} ${String(error.cause)}`).not.toMatch(/sk|abc/);
    expect(fake.requests).toHaveLength(0);
    await fake.close();
  }
});

test.each([
  [anthropic, { type: 'text', content: 'It rains in Bergen.' }],
  [openaiChat, { type: 'error', error: { code: 'provider_timeout' } }],
  [openaiResponses, { type: 'error', error: { code: 'provider_timeout' } }],
])('$0.name: where the socket stays open, a reply is whole once the package tells its end', async (protocol, told) => {
  fake = await FakeProvider.start(gateOf(protocol));
  fake.answer({ events: protocol.events(reply({})), ending: 'stall' });
  expect(await ask(protocol.model(fake.baseURL), { adapter: { idleTimeoutMs: 100 } })).toMatchObject(told);
});

test('a server that is not there is unreachable, and worth another try', async () => {
  const gone = await FakeProvider.start(() => undefined);
  const { baseURL } = gone;
  await gone.close();
  const result = await ask(openaiChat.model(baseURL), {});
  expect(result).toMatchObject({ type: 'error', error: { code: 'provider_unreachable', retryable: true } });
});

test('a server whose headers are broken is unreachable, and worth another try', async () => {
  const server = createServer((socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nX-Bad: a\u0001b\r\n\r\n')),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const result = await ask(openaiChat.model(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`), {});
  await new Promise((resolve) => server.close(resolve));
  expect(result).toMatchObject({ type: 'error', error: { code: 'provider_unreachable', retryable: true } });
});

describe.each([openaiChat, openaiResponses, anthropic])('$name', (protocol) => {
  async function answered(script: Partial<ScriptedReply>): Promise<StepResult> {
    fake = await FakeProvider.start(gateOf(protocol));
    fake.answer({ events: protocol.events(reply(script)) });
    const result = await ask(protocol.model(fake.baseURL), {});
    expect(fake.requests).toHaveLength(1);
    return result;
  }

  test('malformed arguments are a call that says so, beside the good ones', async () => {
    const blocks = [call('call_a', '{"city": "Ber'), call('call_b', '{"city":"Oslo"}')];
    expect(await answered({ blocks, stop: 'calls' })).toMatchObject({
      type: 'tool_calls',
      toolCalls: [
        { id: 'call_a', arguments: '{"city": "Ber', malformed: expect.stringContaining('not valid JSON') as string },
        { id: 'call_b', arguments: { city: 'Oslo' } },
      ],
      parts: [{ type: 'tool-call', toolCallId: 'call_a', input: {} }, { toolCallId: 'call_b' }],
    });
  });

  test('two calls with one id get two', async () => {
    const blocks = [call('call_0', '{"city":"Bergen"}'), call('call_0', '{"city":"Oslo"}')];
    const result = await answered({ blocks, stop: 'calls' });
    const calls = result.type === 'tool_calls' ? result.toolCalls : [];
    expect(calls.map(({ arguments: input }) => input)).toEqual([{ city: 'Bergen' }, { city: 'Oslo' }]);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
    expect(calls[0]?.id).toBe('call_0');
  });

  test('a refusal is a reply that says so', async () => {
    expect(await answered({ stop: 'refusal' })).toMatchObject({ type: 'text', stopReason: 'refusal' });
  });

  test('an abort rejects at once with its reason and hangs up', async () => {
    fake = await FakeProvider.start(gateOf(protocol));
    fake.answer(...stalled(protocol));
    const stop = new AbortController();
    const reason = new Error('the user stopped');
    const heard = Promise.withResolvers<string>();
    const asked = ask(protocol.model(fake.baseURL), {
      abortSignal: stop.signal,
      callbacks: { onTextDelta: heard.resolve },
    });
    await heard.promise;
    stop.abort(reason);
    await expect(asked).rejects.toBe(reason);
    await expect.poll(() => fake?.requests[0]?.cut).toBe(true);
    expect(fake.requests).toHaveLength(1);
  });
});
