// Would catch: a reply that loses its order, its signatures or its tokens between a provider's wire and the transcript.
import { afterEach, describe, expect, test } from 'vitest';
import type { StepResult } from '@helix-agents/core';
import { anthropic } from '../test/anthropic.ts';
import { FakeProvider } from '../test/fake-provider.ts';
import { assistant, ask, callbacksLog, toolResults, user } from '../test/ask.ts';
import { openaiChat } from '../test/openai-chat.ts';
import { openaiResponses } from '../test/openai-responses.ts';
import { gateOf, type Protocol, type ScriptedBlock, type ScriptedReply } from '../test/protocol.ts';

const thinking = { thinking: 'I should look at the weather.', signature: 'sig-1' };
const text = { text: 'I will look it up.' };
const first = { call: { id: 'call_a', name: 'weather', arguments: '{"city":"Bergen"}' } };
const second = { call: { id: 'call_b', name: 'weather', arguments: '' } };
const usage = { input: 100, cached: 60, output: 20, reasoning: 8 };

const speaksThinking = [anthropic, openaiResponses];
const all = [openaiChat, openaiResponses, anthropic];

let fake: FakeProvider | undefined;
afterEach(() => fake?.close());

async function start(protocol: Protocol): Promise<FakeProvider> {
  fake = await FakeProvider.start(gateOf(protocol));
  return fake;
}

async function reply(protocol: Protocol, script: Partial<ScriptedReply>, log = callbacksLog()): Promise<StepResult> {
  const server = await start(protocol);
  server.answer({ events: protocol.events({ blocks: [], stop: 'end', usage, ...script }) });
  return ask(protocol.model(server.baseURL), { callbacks: log.callbacks });
}

describe.each(all)('$name', (protocol) => {
  test('a text arrives in pieces and as a whole, with its tokens', async () => {
    const log = callbacksLog();
    const result = await reply(protocol, { blocks: [text] }, log);
    expect(result).toMatchObject({
      type: 'text',
      content: text.text,
      stopReason: 'end_turn',
      usage: { input: 100, output: 20, total: 120, cachedInput: 60, reasoning: 8 },
      model: expect.stringMatching(`${protocol.knownModel}-20`) as string,
      parts: [{ type: 'text', text: text.text }],
    });
    expect(log.text()).toEqual(text.text);
    expect(log.count('text')).toBeGreaterThan(1);
    expect(fake?.requests).toHaveLength(1);
  });

  test('calls keep their order, and a call without arguments gets an empty object', async () => {
    const log = callbacksLog();
    const result = await reply(protocol, { blocks: [text, first, second], stop: 'calls' }, log);
    expect(result).toMatchObject({
      type: 'tool_calls',
      content: text.text,
      stopReason: 'tool_use',
      toolCalls: [
        { id: 'call_a', name: 'weather', arguments: { city: 'Bergen' } },
        { id: 'call_b', name: 'weather', arguments: {} },
      ],
    });
    expect(result).toHaveProperty('parts.length', 3);
    expect(log.inputs()).toEqual({ call_a: '{"city":"Bergen"}', call_b: '' });
  });

  test('a reply that has all its parts in the transcript warns of nothing', async () => {
    const warned: unknown[] = [];
    const server = await start(protocol);
    server.answer({ events: protocol.events({ blocks: [text, first], stop: 'calls', usage }) });
    await ask(protocol.model(server.baseURL), { adapter: { onWarning: ({ warning }) => warned.push(warning) } });
    expect(warned).toEqual([]);
  });

  test('a reply cut by its length says so', async () => {
    expect(await reply(protocol, { blocks: [text], stop: 'length' })).toMatchObject({ stopReason: 'max_tokens' });
  });

  test.each(['{"city":"Ber', '', '{}'])(
    'the call in which a reply was cut by its length is not carried out, and those before it are: %j',
    async (said) => {
      const cut = { call: { ...first.call, arguments: said } };
      const result = await reply(protocol, { blocks: [second, cut], stop: 'length' });
      expect(result).toMatchObject({
        stopReason: 'max_tokens',
        toolCalls: [
          { id: 'call_b', arguments: {} },
          { id: 'call_a', malformed: expect.stringContaining('was cut off') as string },
        ],
      });
      expect(result).not.toHaveProperty('toolCalls.0.malformed');
    },
  );

  test('what came back goes out again, with the results behind it', async () => {
    const server = await start(protocol);
    const script: ScriptedBlock[] = protocol === openaiChat ? [text, first] : [thinking, text, first];
    server.answer({ events: protocol.events({ blocks: script, stop: 'calls', usage }) });
    const model = protocol.model(server.baseURL);
    const result = await ask(model, {});
    server.answer({ events: protocol.events({ blocks: [{ text: 'Rain.' }], stop: 'end', usage }) });
    const outcome = { type: 'result', value: { sky: 'rain' } } as const;
    const again = await ask(model, {
      messages: [user('Weather?'), assistant(result), toolResults({ call_a: outcome })],
    });
    expect(again).toMatchObject({ type: 'text', content: 'Rain.' });
    expect(server.requests[1]?.body).toMatchSnapshot();
  });

  test('a page that a text cites is kept and told once, and is no message to the model', async () => {
    const cites = { url: 'https://rain.test/bergen', title: 'Rain in Bergen' };
    const server = await start(protocol);
    server.answer({ events: protocol.events({ blocks: [{ ...text, cites }, { text: ' So.' }], stop: 'end', usage }) });
    const model = protocol.model(server.baseURL);
    const log = callbacksLog();
    const result = await ask(model, { callbacks: log.callbacks });
    const parts = assistant(result).parts.filter(({ type }) => type !== 'text');
    expect(parts).toMatchObject([{ type: 'source', sourceType: 'url', ...cites }]);
    expect(log.heard.filter(({ kind }) => kind === 'source')).toMatchObject([{ text: cites.url }]);
    expect(result).toMatchObject({ content: `${text.text} So.` });
    const withoutSource = {
      ...assistant(result),
      parts: assistant(result).parts.filter((part) => !parts.includes(part)),
    };
    for (const said of [assistant(result), withoutSource]) {
      server.answer({ events: protocol.events({ blocks: [text], stop: 'end', usage }) });
      await ask(model, { messages: [user('Weather?'), said, user('Sure?')] });
    }
    expect(server.requests[1]?.body).toEqual(server.requests[2]?.body);
  });
});

test.each(speaksThinking)('$name: thinking stands first and keeps its signature', async (protocol) => {
  const log = callbacksLog();
  const result = await reply(protocol, { blocks: [thinking, text, first], stop: 'calls' }, log);
  expect(result).toMatchObject({ thinking: { content: thinking.thinking } });
  const parts = 'parts' in result ? result.parts : [];
  expect(parts?.map((part) => part.type)).toEqual(['reasoning', 'text', 'tool-call']);
  expect(JSON.stringify(parts?.[0])).toContain('sig-1');
  expect(log.thinking()).toEqual([thinking.thinking, true]);
});

test.each(speaksThinking)('$name: a reply that was cut while it thought is not sent back', async (protocol) => {
  const cut = await reply(protocol, { blocks: [thinking], stop: 'length' });
  expect(cut).toMatchObject({ type: 'text', stopReason: 'max_tokens', thinking: { content: thinking.thinking } });
  fake?.answer({ events: protocol.events({ blocks: [text], stop: 'end', usage }) });
  await ask(protocol.model(fake?.baseURL ?? ''), { messages: [user('Weather?'), assistant(cut), user('Go on')] });
  const { messages, input } = fake?.requests[1]?.body ?? {};
  expect(JSON.stringify(messages ?? input)).toMatch(/Weather\?.*Go on/);
  expect(JSON.stringify(messages ?? input)).not.toMatch(/sig-1|assistant|reasoning|thinking/);
});

test('a reply in one piece is the same as a streamed one', async () => {
  const server = await start(openaiChat);
  const message = {
    role: 'assistant',
    content: text.text,
    tool_calls: [{ id: 'call_a', type: 'function', function: first.call }],
  };
  const body = {
    id: '1',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message, finish_reason: 'tool_calls' }],
    usage: {},
  };
  server.answer({ status: 200, body });
  const log = callbacksLog();
  const result = await ask(openaiChat.model(server.baseURL), {
    callbacks: log.callbacks,
    adapter: { streaming: false },
  });
  expect(result).toMatchObject({
    type: 'tool_calls',
    content: text.text,
    toolCalls: [{ id: 'call_a', arguments: { city: 'Bergen' } }],
  });
  expect(log.inputs()).toEqual({ call_a: '{"city":"Bergen"}' });
});
