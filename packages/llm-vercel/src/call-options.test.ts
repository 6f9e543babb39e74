// Would catch: a request that a provider refuses as a whole because one tool asked for strict arguments, and a setting that a model is
// never told.
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

test.each([
  'oneOf',
  'allOf',
  'not',
  'if',
  'patternProperties',
  'prefixItems',
  'dependentRequired',
  'minLength',
  'maxLength',
  'propertyNames',
  'minProperties',
  'maxProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'uniqueItems',
  'contains',
  'minContains',
  'maxContains',
])('a schema with %s, of which strict decoding knows nothing, goes out as a plain one', async (keyword) => {
  const inputSchema = { ...city, [keyword]: {} };
  for (const provider of ['openai.chat', 'anthropic.messages'])
    expect(await toolSentTo(provider, inputSchema)).toEqual({ ...weather, type: 'function', inputSchema });
});

const withField = (field: JsonObject): JsonObject => ({
  type: 'object',
  properties: { field },
  required: ['field'],
  additionalProperties: false,
});

test.each<[JsonObject, openai: true | undefined, anthropic: true | undefined]>([
  [{ type: 'string', minLength: 1 }, undefined, undefined],
  [{ type: 'string', format: 'email' }, true, true],
  [{ type: 'string', format: 'uri' }, undefined, true],
  [{ type: 'string', format: 'base64' }, undefined, undefined],
  [{ type: 'string', pattern: '^[a-z(?:!]+$' }, true, true],
  [{ type: 'string', format: 'email', pattern: '^(?!\\.)[a-z.]+@[a-z.]+$' }, true, undefined],
  [{ type: 'string', pattern: '(?<=a)b' }, true, undefined],
  [{ type: 'number', minimum: 0 }, true, undefined],
  [{ type: 'number', maximum: 9 }, true, undefined],
  [{ type: 'number', exclusiveMinimum: 0 }, true, undefined],
  [{ type: 'number', exclusiveMaximum: 9 }, true, undefined],
  [{ type: 'number', multipleOf: 2 }, true, undefined],
  [{ type: 'array', items: { type: 'string' }, maxItems: 3 }, true, undefined],
  [{ type: 'array', items: { type: 'string' }, minItems: 1 }, true, true],
  [{ type: 'array', items: { type: 'string' }, minItems: 2 }, true, undefined],
  [{ $ref: '#' }, true, undefined],
  [{ type: ['object', 'null'], additionalProperties: { type: 'string' } }, undefined, undefined],
  [{ type: 'object', properties: {}, propertyNames: { type: 'string' } }, undefined, undefined],
])('the limits of %j can be strict at OpenAI: %s, at Anthropic: %s', async (field, openai, anthropic) => {
  const strictAt = async (provider: string) => {
    const tool = await toolSentTo(provider, withField(field));
    return tool && 'strict' in tool ? tool.strict : undefined;
  };
  expect([await strictAt('openai.responses'), await strictAt('anthropic.messages')]).toEqual([openai, anthropic]);
});

test('bounds that every integer of Zod has say nothing, and are left out where the schema is strict', async () => {
  const { MAX_SAFE_INTEGER: most } = Number;
  const inputSchema = withField({ type: 'integer', minimum: -most, maximum: most });
  const tool = await toolSentTo('anthropic.messages', inputSchema);
  expect(tool).toMatchObject({ strict: true, inputSchema: withField({ type: 'integer' }) });
  expect(tool).not.toHaveProperty('inputSchema.properties.field.maximum');
  expect(await toolSentTo('anthropic.messages', inputSchema, false)).toMatchObject({ inputSchema });
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

test.each(['auto', 'required'] as const)('with tools the choice %s goes out', async (toolChoice) => {
  const model = mockModel([finish]);
  await ask(model, { toolChoice });
  expect(model.asked[0]?.toolChoice).toEqual({ type: toolChoice });
});

test('every setting of an agent goes out, and none that it does not have', async () => {
  const model = mockModel([finish]);
  const settings = {
    maxOutputTokens: 1,
    temperature: 0,
    topP: 0.5,
    topK: 4,
    presencePenalty: 0.1,
    frequencyPenalty: 0.2,
    stopSequences: ['END'],
    seed: 0,
  };
  await ask(model, { config: { ...settings, maxRetries: 2, timeoutMs: 5_000 } });
  await ask(model, { tools: [] });
  expect(model.asked[0]).toMatchObject(settings);
  expect(Object.keys(model.asked[1] ?? {}).toSorted()).toEqual(['abortSignal', 'prompt', 'providerOptions']);
});

test.each([
  ['openai.responses', { openai: { store: false } }],
  ['azure.responses', { azure: { store: false } }],
  ['xai.responses', { xai: { store: false } }],
  ['anthropic.messages', { anthropic: { includePings: true } }],
  ['mistral.chat', {}],
])('%s is asked with %j unless the agent says otherwise', async (provider, providerOptions) => {
  const model = mockModel([finish], { provider });
  await ask(model, { config: { temperature: 0, stopSequences: ['END'] } });
  expect(model.asked[0]).toMatchObject({ providerOptions, temperature: 0, stopSequences: ['END'] });
  await ask(model, { config: { providerOptions: { openai: { store: true } } } });
  expect(model.asked[1]?.providerOptions).toHaveProperty('openai.store', true);
});
