// Would catch: a transcript that a provider refuses, or that tells the model something else than what happened.
import type { LanguageModelV4Prompt } from '@ai-sdk/provider';
import { HelixError, type LLMGenerateInput, type MessagePart, type ToolOutcome } from '@helix-agents/core';
import { expect, test } from 'vitest';
import { ask, inputOf, record, toolResults, user } from '../test/ask.ts';
import { finish, mockModel } from '../test/mock-model.ts';
import { traitsOf } from './model-traits.ts';
import { toPrompt } from './prompt.ts';

const promptOf = (input: Partial<LLMGenerateInput>, provider = 'openai.chat'): LanguageModelV4Prompt =>
  toPrompt(inputOf({ system: '', ...input }), { traits: traitsOf({ provider }), files: new Map() });

const rolesOf = (prompt: LanguageModelV4Prompt): string => prompt.map(({ role }) => role).join(' ');

const outputOf = (outcome: ToolOutcome): unknown => {
  const [message] = promptOf({ messages: [toolResults({ c: outcome })] });
  const part = message?.role === 'tool' ? message.content[0] : undefined;
  return part?.type === 'tool-result' ? part.output : undefined;
};

test.each<[ToolOutcome, string, unknown]>([
  [{ type: 'result', value: 'sunny' }, 'text', 'sunny'],
  [{ type: 'result', value: { sky: 'blue' } }, 'json', { sky: 'blue' }],
  [{ type: 'result', value: null }, 'json', null],
  [{ type: 'result', value: '' }, 'json', ''],
  [{ type: 'result', value: ' \n' }, 'json', ' \n'],
  [
    { type: 'error', error: { message: 'no such city', code: 'tool_failed', category: 'tool', retryable: false } },
    'error-text',
    'Error (tool_failed): no such city',
  ],
  [
    { type: 'not-executed', reason: 'denied', note: 'Too dear.' },
    'error-text',
    'Not executed: a person denied it. Too dear.',
  ],
  [
    { type: 'unknown', note: 'The process died.' },
    'error-text',
    'Outcome unknown: it may have happened. Check before you call again. The process died.',
  ],
])('the outcome %j reaches the model as %s', (outcome, type, value) => {
  expect(outputOf(outcome)).toEqual({ type, value });
});

test('the results of a step go out in one message', () => {
  const outcome = { type: 'result', value: 1 } as const;
  const prompt = promptOf({ messages: [toolResults({ a: outcome }), toolResults({ b: outcome })] });
  expect(prompt).toMatchObject([{ role: 'tool', content: [{ toolCallId: 'a' }, { toolCallId: 'b' }] }]);
});

test('a context row is system text where that may come late, else marked text of a user', () => {
  const messages = [user('Hi'), record('context', { type: 'text', text: 'Be brief.' })];
  expect(promptOf({ messages })[1]).toEqual({ role: 'system', content: 'Be brief.' });
  expect(promptOf({ messages }, 'google.generative-ai')[1]).toEqual({
    role: 'user',
    content: [{ type: 'text', text: '<context>\nBe brief.\n</context>' }],
  });
});

test.each([
  ['anthropic.messages', 'claude-sonnet-4-5', 'user'],
  ['anthropic.messages', 'claude-opus-4-8', 'user'],
  ['google.generative-ai', 'gemini-3-pro', 'user'],
  ['openai.responses', 'gpt-5', 'system'],
  ['azure.chat', 'gpt-5', 'system'],
  ['azure.anthropic', 'claude-opus-5', 'user'],
  ['mistral.chat', 'mistral-large', 'user'],
  ['vllm.chat', 'qwen3', 'user'],
  ['openrouter', 'qwen/qwen3', 'user'],
  ['ollama', 'llama3.2', 'user'],
])('%s %s takes a context row as %s', async (provider, modelId, role) => {
  const model = mockModel([finish], { provider, modelId });
  await ask(model, { messages: [user('Hi'), record('context', { type: 'text', text: 'Be brief.' })] });
  expect(model.asked[0]?.prompt.at(-1)?.role).toBe(role);
});

test('Claude gets no system message behind its own words or before those of a user, where it refuses one', () => {
  const hint = record('context', { type: 'text', text: 'Your reply was stopped there.' });
  const messages = [user('Hi'), record('assistant', { type: 'text', text: 'He' }), hint, user('Go on')];
  expect(rolesOf(promptOf({ messages }, 'anthropic.messages'))).toBe('user assistant user user');
});

test('metadata goes back unchanged, and an empty part with some of the provider is kept', () => {
  const providerMetadata = { google: { thoughtSignature: 's' } };
  const parts: MessagePart[] = [
    { type: 'reasoning', text: '', providerMetadata },
    { type: 'text', text: '' },
    { type: 'text', text: '', providerMetadata },
    { type: 'tool-call', toolCallId: 'c', toolName: 't', input: { a: 1 }, providerMetadata },
  ];
  expect(promptOf({ messages: [record('assistant', ...parts)] }, 'google.generative-ai')).toEqual([
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: '', providerOptions: providerMetadata },
        { type: 'text', text: '', providerOptions: providerMetadata },
        { type: 'tool-call', toolCallId: 'c', toolName: 't', input: { a: 1 }, providerOptions: providerMetadata },
      ],
    },
  ]);
});

test.each([
  ['google.generative-ai', 'google', true],
  ['google.vertex.chat', 'googleVertex', true],
  ['google.vertex.chat', 'vertex', true],
  ['openai.responses', 'openai', true],
  ['azure.responses', 'azure', true],
  ['anthropic.messages', 'google', false],
  ['vertex.anthropic.messages', 'google', false],
  ['amazon-bedrock', 'google', false],
  ['google.generative-ai', 'openai', false],
])('%s gets an empty text that %s signed: %s', (provider, signer, kept) => {
  const said = record('assistant', { type: 'text', text: '', providerMetadata: { [signer]: { id: 's' } } });
  expect(promptOf({ messages: [said] }, provider)).toHaveLength(kept ? 1 : 0);
});

test('a thought that the reply was cut in is left out, since providers refuse it in every later turn', () => {
  const thought: MessagePart = { type: 'reasoning', text: 'Hm', providerMetadata: { anthropic: { signature: 's' } } };
  const call: MessagePart = { type: 'tool-call', toolCallId: 'c', toolName: 't', input: {} };
  const blank: MessagePart = { type: 'text', text: '\n' };
  const typesOf = (...parts: MessagePart[]) =>
    promptOf({ messages: [record('assistant', ...parts)] }, 'anthropic.messages').flatMap(({ content }) =>
      typeof content === 'string' ? [] : content.map(({ type }) => type),
    );
  expect(typesOf(thought)).toEqual([]);
  expect(typesOf(thought, thought, blank)).toEqual([]);
  expect(typesOf(thought, call, thought)).toEqual(['reasoning', 'tool-call']);
});

test('a message that says nothing is left out', () => {
  expect(promptOf({ messages: [user(''), record('assistant'), record('context')] })).toEqual([]);
});

test('a text of nothing but space is left out, since providers refuse it in every later turn', () => {
  const picture: MessagePart = { type: 'file', mediaType: 'image/png', url: 'data:image/png;base64,AAAA' };
  const said = record('user', { type: 'text', text: ' ' }, picture);
  const cut = record('assistant', { type: 'text', text: '\n\n' });
  const prompt = promptOf({ system: ' \n', messages: [said, cut, user('Go on')] });
  expect(prompt.map(({ role }) => role)).toEqual(['user', 'user']);
  expect(prompt[0]?.content).toHaveLength(1);
});

test('arguments that were no object go back as an empty one', () => {
  const part: MessagePart = { type: 'tool-call', toolCallId: 'c', toolName: 't', input: '{"a":' };
  expect(promptOf({ messages: [record('assistant', part)] })).toMatchObject([{ content: [{ input: {} }] }]);
});

test.each([
  ['functions.weather', 'functions_weather'],
  ['get weather', 'get_weather'],
  ['', '_'],
  ['w'.repeat(70), 'w'.repeat(64)],
  ['get_weather-2', 'get_weather-2'],
])('a tool that a model made up goes back by a name that providers take: %j', (toolName, sent) => {
  const call = { toolCallId: 'c', toolName };
  const outcome = {
    type: 'error',
    error: new HelixError('tool_not_found', 'there is no such tool').toDetail(),
  } as const;
  const messages = [
    record('assistant', { type: 'tool-call', ...call, input: {} }),
    record('tool', { type: 'tool-result', ...call, outcome }),
  ];
  const names = promptOf({ messages }).flatMap(({ content }) =>
    typeof content === 'string' ? [] : content.flatMap((part) => ('toolName' in part ? part.toolName : [])),
  );
  expect(names).toEqual([sent, sent]);
});

test.each([
  ['mistral.chat', 'call_abc', /^[A-Za-z0-9]{9}$/],
  ['mistral.chat', 'aB3dE6gH9', /^aB3dE6gH9$/],
  ['anthropic.messages', 'functions.weather:0', /^[A-Za-z0-9]{9}$/],
  ['anthropic.messages', 'toolu_01-a', /^toolu_01-a$/],
  ['amazon-bedrock', 'functions.weather:0', /^[A-Za-z0-9]{9}$/],
  ['amazon-bedrock', 'a'.repeat(65), /^[A-Za-z0-9]{9}$/],
  ['openai.responses', 'a'.repeat(65), /^[A-Za-z0-9]{9}$/],
  ['azure.responses', 'a'.repeat(65), /^[A-Za-z0-9]{9}$/],
  ['openai.responses', 'call.'.repeat(12), /^(call\.){12}$/],
  ['openai.chat', 'a'.repeat(65), /^a{65}$/],
  ['openai.chat', 'functions.weather:0', /^functions\.weather:0$/],
])('%s gets the call %j by an id that it takes, with its result', (provider, toolCallId, taken) => {
  const call = { toolCallId, toolName: 't' };
  const messages = [
    record('assistant', { type: 'tool-call', ...call, input: {} }),
    record('tool', { type: 'tool-result', ...call, outcome: { type: 'result', value: 1 } }),
  ];
  const idsOf = (sent: LanguageModelV4Prompt) =>
    sent.flatMap(({ content }) =>
      typeof content === 'string' ? [] : content.flatMap((part) => ('toolCallId' in part ? part.toolCallId : [])),
    );
  const [ofCall, ofResult, ...more] = idsOf(promptOf({ messages }, provider));
  expect(ofCall).toMatch(taken);
  expect(ofResult).toBe(ofCall);
  expect(more).toEqual([]);
});

test('what a user says behind results stands behind a reply for a provider that takes nothing else there', () => {
  const outcome = { type: 'result', value: 1 } as const;
  const call = record('assistant', { type: 'tool-call', toolCallId: 'c', toolName: 'weather', input: {} });
  const hint = record('context', { type: 'text', text: 'Finish now.' });
  for (const next of [user('And now?'), hint]) {
    const messages = [user('Hi'), call, toolResults({ c: outcome }), next];
    expect(rolesOf(promptOf({ messages }, 'mistral.chat'))).toBe('user assistant tool assistant user');
    expect(promptOf({ messages }, 'groq.chat')).toHaveLength(4);
  }
  const said = record('assistant', { type: 'text', text: 'Sunny.' });
  const answered = promptOf({ messages: [user('Hi'), call, toolResults({ c: outcome }), said] }, 'mistral.chat');
  expect(rolesOf(answered)).toBe('user assistant tool assistant');
});

test('a file goes out inline, as a URL that the provider takes, or loaded; else the call is refused', async () => {
  const file = (url: string) => record('user', { type: 'file', mediaType: 'image/png', url });
  const supportedUrls = { 'image/*': [/^https:/] };
  const dataOf = async (url: string, loadFile?: () => Promise<Uint8Array>) => {
    const model = mockModel([finish], { supportedUrls });
    const result = await ask(model, { messages: [file(url)], ...(loadFile && { adapter: { loadFile } }) });
    const content = model.asked[0]?.prompt.at(-1)?.content[0];
    return typeof content === 'object' && content.type === 'file' ? content.data : result;
  };
  expect(await dataOf('data:image/png;base64,AAAA')).toEqual({ type: 'data', data: 'AAAA' });
  expect(await dataOf('data:text/plain,a%20b')).toEqual({ type: 'data', data: new TextEncoder().encode('a b') });
  expect(await dataOf('https://x.test/a.png')).toEqual({ type: 'url', url: new URL('https://x.test/a.png') });
  const bytes = new Uint8Array([1]);
  expect(await dataOf('blob-ref:1', () => Promise.resolve(bytes))).toEqual({ type: 'data', data: bytes });
  expect(await dataOf('blob-ref:1')).toMatchObject({ type: 'error', error: { code: 'framework_not_supported' } });
});

test.each([
  ['has a URL that the model does not fetch', 'https://x.test/cat.png', 'framework_not_supported'],
  ['is no URL', 'https://', 'framework_not_supported'],
  ['is a stored body without a loadFile', 'blob-ref:1', 'framework_not_supported'],
  ['has a percent sign without digits', 'data:text/plain,%E0%A4%A', 'input_invalid'],
  ['has no comma', 'data:text/plain', 'input_invalid'],
])('a file that %s refuses its own turn, and is a note to the model in later ones', async (_, url, code) => {
  const sent = record('user', { type: 'file', mediaType: 'image/png', url, filename: 'cat.png' });
  const model = mockModel([finish]);
  const steps = [record('assistant', { type: 'text', text: 'One moment.' }), record('context')];
  expect(await ask(model, { messages: [sent, ...steps] })).toMatchObject({ type: 'error', error: { code } });
  expect(model.asked).toEqual([]);
  expect(await ask(model, { messages: [sent, user('Never mind.')] })).toMatchObject({ type: 'text' });
  expect(model.asked[0]?.prompt).toMatchObject([
    { role: 'system' },
    { content: [{ type: 'text', text: '[The file "cat.png" (image/png) stood here. It cannot be read.]' }] },
    { content: [{ text: 'Never mind.' }] },
  ]);
});

test('who runs the agent is told of a file that is left out, and why', async () => {
  const warned: unknown[] = [];
  const loadFile = () => Promise.reject(new Error('the storage is away'));
  const sent = record('user', { type: 'file', mediaType: 'image/png', url: 'blob-ref:1', filename: 'cat.png' });
  const adapter = { loadFile, onWarning: (warning: unknown) => warned.push(warning) };
  await ask(mockModel([finish]), { messages: [sent, user('Hi')], adapter });
  const message = 'the file "cat.png" (image/png) of an earlier message was left out: the storage is away';
  expect(warned).toMatchObject([{ provider: 'mock', warning: { type: 'other', message } }]);
});

test('an abort while a file of an earlier turn is loaded is an abort, not a missing file', async () => {
  const stop = new AbortController();
  const loadFile = () => {
    stop.abort('enough');
    return Promise.reject(new Error('cut'));
  };
  const model = mockModel([finish]);
  const sent = record('user', { type: 'file', mediaType: 'image/png', url: 'blob-ref:1' });
  const asked = ask(model, { messages: [sent, user('Hi')], adapter: { loadFile }, abortSignal: stop.signal });
  await expect(asked).rejects.toBe('enough');
  expect(model.asked).toEqual([]);
});
