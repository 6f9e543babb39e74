// Would catch: a request that a provider refuses as a whole because one tool asked for strict arguments.
import type { JsonObject } from '@helix-agents/core';
import { expect, test } from 'vitest';
import { ask, weather } from '../test/ask.ts';
import { finish, mockModel } from '../test/mock-model.ts';

const optional: JsonObject = { type: 'object', properties: { city: { type: 'string' } } };
const open: JsonObject = { type: 'object', additionalProperties: { type: 'number' } };
const city: JsonObject = { type: 'object', properties: { oneOf: { type: 'string' } }, required: ['oneOf'] };

/** An object with others in every place where a schema may have them. */
function around(inner: JsonObject, closed: JsonObject = {}): JsonObject {
  return {
    type: 'object',
    properties: {
      at: { anyOf: [inner] },
      stops: { type: 'array', items: inner },
      home: { type: 'object', properties: { place: inner }, required: ['place'], ...closed },
      back: { $ref: '#/$defs/place' },
    },
    required: ['at', 'stops', 'home', 'back'],
    $defs: { place: inner },
    ...closed,
  };
}

const nested = around(city);

async function toolSentTo(provider: string, inputSchema: JsonObject, strict = true) {
  const model = mockModel([finish], { provider });
  await ask(model, { tools: [{ ...weather, inputSchema, strict }] });
  return model.asked[0]?.tools?.[0];
}

test.each([
  ['openai.chat', nested, true],
  ['openai.responses', optional, undefined],
  ['anthropic.messages', optional, true],
  ['anthropic.messages', open, undefined],
  ['openai.chat', { anyOf: [open] }, undefined],
  ['openai.chat', { type: 'array', items: open }, undefined],
  ['openai.chat', { ...city, $defs: { open } }, undefined],
  ['openai.chat', { type: 'array', prefixItems: [city] }, undefined],
  ['mistral.chat', nested, undefined],
])('%s with %j: strict %s', async (provider, schema, strict) => {
  const tool = await toolSentTo(provider, schema);
  expect(tool).toHaveProperty('inputSchema');
  expect(tool && 'strict' in tool ? tool.strict : undefined).toBe(strict);
});

test('a strict schema is closed at every depth, a plain one stays as it is', async () => {
  const closed = around({ ...city, additionalProperties: false }, { additionalProperties: false });
  expect(await toolSentTo('openai.chat', nested)).toHaveProperty('inputSchema', closed);
  expect(await toolSentTo('openai.chat', nested, false)).toHaveProperty('inputSchema', nested);
});

test('without tools there is no choice among them', async () => {
  const model = mockModel([finish]);
  await ask(model, { tools: [], toolChoice: 'required' });
  expect(model.asked[0]).not.toHaveProperty('toolChoice');
});

test.each([
  ['openai.responses', { openai: { store: false } }],
  ['azure.responses', { azure: { store: false } }],
  ['anthropic.messages', { anthropic: { includePings: true } }],
  ['mistral.chat', {}],
])('%s is asked with %j unless the agent says otherwise', async (provider, providerOptions) => {
  const model = mockModel([finish], { provider });
  await ask(model, { config: { temperature: 0, stopSequences: ['END'] } });
  expect(model.asked[0]).toMatchObject({ providerOptions, temperature: 0, stopSequences: ['END'] });
  await ask(model, { config: { providerOptions: { openai: { store: true } } } });
  expect(model.asked[1]?.providerOptions).toHaveProperty('openai.store', true);
});
