// Would catch: a request that says differently what an earlier one said, so that the provider's cache of the conversation is lost with
// every step and the whole of it is paid again.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MessagePart, MessageRecord } from '@helix-agents/core';
import { anthropic } from '../test/anthropic.ts';
import { ask, record, user } from '../test/ask.ts';
import { FakeProvider } from '../test/fake-provider.ts';
import { openaiChat } from '../test/openai-chat.ts';
import { openaiResponses } from '../test/openai-responses.ts';
import { gateOf, type Protocol } from '../test/protocol.ts';

/** What a step or a turn adds: each is a moment at which the model is asked next. */
type Said = (index: number) => MessageRecord[];

const text = fc.constantFrom('', ' ', 'It rains. ', '雨');
const question = fc.constantFrom('Rain? ', 'And tomorrow?');
const reasoning = fc.constantFrom(undefined, '', 'I should look.');
const names = fc.array(fc.constantFrom('weather', 'functions.weather'), { minLength: 1, maxLength: 3 });
const input = fc.constantFrom({ city: 'Bergen' }, {}, 'no object');

const turn = question.map<Said>((said) => () => [user(said)]);
const guidance = question.map<Said>((said) => () => [record('context', { type: 'text', text: said })]);
const answer = fc.tuple(reasoning, text, question).map<Said>(([thought, said, next]) => () => [
  record('assistant', ...thoughtOf(thought), { type: 'text', text: said }),
  user(next),
]);
const step = fc.tuple(reasoning, text, names, input).map<Said>(([thought, said, tools, given]) => (index) => {
  const calls = tools.map((toolName, at) => ({ toolCallId: `call_${index}_${at}`, toolName }));
  const outcome = { type: 'result', value: { sky: 'rain' } } as const;
  return [
    record(
      'assistant',
      ...thoughtOf(thought),
      { type: 'text', text: said },
      ...calls.map((call) => ({ type: 'tool-call', ...call, input: given }) as const),
    ),
    ...calls.map((call) => record('tool', { type: 'tool-result', ...call, outcome })),
  ];
});

function thoughtOf(thought: string | undefined): MessagePart[] {
  if (thought === undefined) return [];
  const providerMetadata = { anthropic: { signature: 'sig' }, openai: { itemId: 'rs_1' } };
  return [{ type: 'reasoning', text: thought, providerMetadata }];
}

type Body = Readonly<Record<'tools' | 'system' | 'messages' | 'input', unknown>>;

/** What a provider reads one after the other, and keeps up to where it changes. */
function readInOrder({ tools, system, messages, input: items }: Body): string[] {
  const said = (messages ?? items) as readonly { readonly role?: string; readonly content?: unknown }[];
  const pieces = said.flatMap(({ content, ...rest }): unknown[] =>
    Array.isArray(content) ? content.map((piece) => [rest, piece]) : [[rest, content]],
  );
  return [tools, system, ...pieces].map((piece) => JSON.stringify(piece) ?? '');
}

test.each<Protocol>([openaiChat, openaiResponses, anthropic])(
  '$name: each request begins with all that the one before it said',
  async (protocol) => {
    const server = await FakeProvider.start(gateOf(protocol));
    const model = protocol.model(server.baseURL);
    const conversation = fc.array(fc.oneof(turn, guidance, answer, step, step), { minLength: 2, maxLength: 6 });
    const holds = fc.asyncProperty(conversation, async (parts) => {
      const messages = [user('Weather?')];
      let before: string[] = [];
      for (const [index, said] of parts.entries()) {
        messages.push(...said(index));
        await ask(model, { messages });
        const now = readInOrder(server.requests.at(-1)?.body as Body);
        expect(now.slice(0, before.length)).toEqual(before);
        before = now;
      }
    });
    try {
      await fc.assert(holds, { numRuns: 60 });
    } finally {
      await server.close();
    }
  },
);

test('Claude is asked to keep the conversation where the agent wants that', async () => {
  const server = await FakeProvider.start(gateOf(anthropic));
  const cacheControl = { type: 'ephemeral' };
  await ask(anthropic.model(server.baseURL), { config: { providerOptions: { anthropic: { cacheControl } } } });
  await server.close();
  expect(server.requests[0]?.body).toMatchObject({ cache_control: cacheControl });
});
