// Would catch: a transcript whose blocks stand in another order than they were told in, so that a page changes when it is reloaded;
// a signature or an item id on a piece of what it was made for, which providers refuse to read back.
import type { LanguageModelV4Source, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { StepResult } from '@helix-agents/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ask, callbacksLog } from '../test/ask.ts';
import { finish, mockModel } from '../test/mock-model.ts';
import { Reply } from './reply.ts';

const start = (id: string): LanguageModelV4StreamPart => ({ type: 'tool-input-start', id, toolName: 'weather' });
const delta = (id: string, text: string): LanguageModelV4StreamPart => ({ type: 'tool-input-delta', id, delta: text });
const call = (id: string, input: string, fields = {}): LanguageModelV4StreamPart => ({
  type: 'tool-call',
  toolCallId: id,
  toolName: 'weather',
  input,
  ...fields,
});

async function read(parts: LanguageModelV4StreamPart[], log = callbacksLog()): Promise<StepResult> {
  return ask(mockModel([...parts, finish]), { callbacks: log.callbacks });
}

const text = (id: string, ...pieces: string[]): LanguageModelV4StreamPart[] =>
  pieces.map((piece) => ({ type: 'text-delta', id, delta: piece }));
const thought = (id: string, ...pieces: string[]): LanguageModelV4StreamPart[] =>
  pieces.map((piece) => ({ type: 'reasoning-delta', id, delta: piece }));

/** What a page makes of the callbacks: neighbouring texts are one, and a thought is one until its end. */
function shown({ heard }: ReturnType<typeof callbacksLog>): string[] {
  const parts: { kind: string; text: string }[] = [];
  for (const { kind, id, text: said } of heard) {
    const last = parts.at(-1);
    if (kind === 'delta') continue;
    if (kind === 'thought') parts.push({ kind, text: '' });
    else if (kind === 'start') parts.push({ kind, text: id });
    else if (last?.kind === kind) last.text += said;
    else parts.push({ kind, text: said });
  }
  return parts.filter(({ kind }) => kind !== 'thought').map(({ kind, text: said }) => `${kind} ${said}`);
}

/** The same, of what is kept. */
function kept({ parts = [] }: Exclude<StepResult, { type: 'error' }>): string[] {
  const found: string[] = [];
  for (const part of parts) {
    const last = found.at(-1);
    if (part.type === 'text' && last?.startsWith('text ')) found[found.length - 1] = last + part.text;
    else if (part.type === 'text') found.push(`text ${part.text}`);
    else if (part.type === 'reasoning' && part.text !== '') found.push(`thinking ${part.text}`);
    else if (part.type === 'tool-call') found.push(`start ${part.toolCallId}`);
  }
  return found;
}

test.each<[string, LanguageModelV4StreamPart[], string[]]>([
  [
    'a text that goes on behind a call',
    [...text('0', 'Let me look. '), start('c'), call('c', '{}'), ...text('0', 'One ', 'moment.')],
    ['text Let me look. ', 'start c', 'text One moment.'],
  ],
  [
    'a text that goes on behind a thought',
    [...text('0', 'A'), ...thought('r', 'hm'), { type: 'reasoning-end', id: 'r' }, ...text('0', 'B')],
    ['text A', 'thinking hm', 'text B'],
  ],
  [
    'a thought whose end comes in the middle of a text',
    [...thought('r', 'hm'), ...text('0', 'A'), { type: 'reasoning-end', id: 'r' }, ...text('0', 'B')],
    ['thinking hm', 'text AB'],
  ],
  [
    'a thought that never ends before the next',
    [...thought('r', 'a'), ...thought('s', 'b'), { type: 'reasoning-end', id: 's' }, ...text('0', 'A')],
    ['thinking a', 'thinking b', 'text A'],
  ],
  [
    'two thoughts in turns',
    [...thought('r', 'a'), ...thought('s', 'b'), ...thought('r', 'c')],
    ['thinking a', 'thinking b', 'thinking c'],
  ],
  [
    'a text that began before a thought, and said nothing until after it',
    [{ type: 'text-start', id: '0' }, ...thought('r', 'a'), ...text('0', 'B')],
    ['thinking a', 'text B'],
  ],
  [
    'a text that only began in the middle of a thought',
    [...thought('r', 'a'), { type: 'text-start', id: '0' }, ...thought('r', 'b'), ...text('0', 'C')],
    ['thinking ab', 'text C'],
  ],
])('%s is kept in the order in which it was told', async (_, parts, order) => {
  const log = callbacksLog();
  const result = await read(parts, log);
  expect(shown(log)).toEqual(order);
  expect(result.type === 'error' ? result : kept(result)).toEqual(order);
});

test('whatever the order of the pieces, what is kept is what was told', async () => {
  const piece = fc.oneof(
    fc.constantFrom('0', '1').map((id) => ({ type: 'text-start', id }) as const),
    fc.constantFrom('0', '1').map((id) => ({ type: 'text-delta', id, delta: 'x' }) as const),
    fc.constantFrom('0', '1').map((id) => ({ type: 'reasoning-delta', id, delta: 'y' }) as const),
    fc.constantFrom('r', 's').map((id) => ({ type: 'reasoning-start', id }) as const),
    fc.constantFrom('r', 's').map((id) => ({ type: 'reasoning-delta', id, delta: 'z' }) as const),
    fc.constantFrom('a', 'b').map((id) => call(id, '{}')),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (parts) => {
      const log = callbacksLog();
      const result = await read(parts, log);
      expect(result.type === 'error' ? result : kept(result)).toEqual(shown(log));
    }),
    { numRuns: 300 },
  );
});

test('a piece costs the same, however often text and thought took turns before it', () => {
  const reply = new Reply({}, () => {});
  const began = performance.now();
  for (let pair = 0; pair < 30_000; pair += 1)
    [...thought('t', 'a'), ...text('0', 'b')].forEach((part) => reply.take(part));
  expect(reply.blocks).toHaveLength(60_000);
  expect(performance.now() - began).toBeLessThan(2_000);
});

test.each<['at its begin' | 'amid it' | 'at its end']>([['at its begin'], ['amid it'], ['at its end']])(
  'a signed thought stays whole, though something stands amid it: the signature came %s',
  async (when) => {
    const signed = { mock: { signature: 's' } };
    const at = (place: typeof when) => (place === when ? { providerMetadata: signed } : {});
    const result = await read([
      { type: 'reasoning-start', id: 'r', ...at('at its begin') },
      ...thought('r', 'a'),
      ...text('0', 'A'),
      ...thought('r', 'b'),
      { type: 'reasoning-delta', id: 'r', delta: '', ...at('amid it') },
      ...thought('r', 'c'),
      { type: 'reasoning-end', id: 'r', ...at('at its end') },
      ...text('0', 'B'),
    ]);
    const parts = 'parts' in result ? (result.parts ?? []) : [];
    expect(parts.filter(({ type }) => type === 'reasoning')).toEqual([
      { type: 'reasoning', text: 'abc', providerMetadata: signed },
    ]);
    expect(parts[0]).toMatchObject({ type: 'reasoning' });
    expect(result).toMatchObject({ content: 'AB', thinking: { content: 'abc', providerMetadata: signed } });
  },
);

test('an item of the provider comes back once, though a call stands amid it', async () => {
  const providerMetadata = { openai: { itemId: 'msg_1' } };
  const item: LanguageModelV4StreamPart = { type: 'text-start', id: 'msg_1', providerMetadata };
  const result = await read([item, ...text('msg_1', 'A'), call('c', '{}'), ...text('msg_1', 'B')]);
  expect(result).toMatchObject({ parts: [{ type: 'text', text: 'AB', providerMetadata }, { type: 'tool-call' }] });
});

test('redacted thinking is kept without a word, and nobody is told of it', async () => {
  const log = callbacksLog();
  const providerMetadata = { mock: { redactedData: 'r' } };
  const result = await read(
    [
      { type: 'reasoning-start', id: '0', providerMetadata },
      { type: 'reasoning-end', id: '0' },
    ],
    log,
  );
  expect(result).toMatchObject({ parts: [{ type: 'reasoning', text: '', providerMetadata }] });
  expect(log.thinking()).toEqual(['', false]);
});

test('a repeated id is renamed from the first piece on, and goes back as a new item', async () => {
  const log = callbacksLog();
  const providerMetadata = { openai: { itemId: 'fc_1', phase: 'x' } };
  const result = await read(
    [
      start('call_0'),
      delta('call_0', '{"n":1}'),
      start('call_0'),
      delta('call_0', '{"n":2}'),
      call('call_0', '{"n":1}', { providerMetadata }),
      call('call_0', '{"n":2}', { providerMetadata }),
      call('call_0', '{"n":3}'),
    ],
    log,
  );
  expect(result).toMatchObject({
    type: 'tool_calls',
    stopReason: 'tool_use',
    toolCalls: [
      { id: 'call_0', arguments: { n: 1 }, providerMetadata },
      { id: 'call_0_2', arguments: { n: 2 }, providerMetadata: { openai: { phase: 'x' } } },
      { id: 'call_0_3', arguments: { n: 3 } },
    ],
  });
  expect(result).not.toHaveProperty('toolCalls.1.providerMetadata.openai.itemId');
  expect(log.inputs()).toEqual({ call_0: '{"n":1}', call_0_2: '{"n":2}', call_0_3: '{"n":3}' });
});

test.each(['', ' ', 'null', ' null\n', '{}'])(
  'a call of a tool without parameters has an empty object, also as %j',
  async (input) => {
    expect(await read([call('c', input)])).toHaveProperty('toolCalls.0.arguments', {});
  },
);

test('a call that never became whole is no call', async () => {
  const result = await read([start('call_0'), delta('call_0', '{"n":')]);
  expect(result).toMatchObject({ type: 'text', content: '', parts: [] });
});

test('what the provider executed itself is not asked of us', async () => {
  const parts = [start('srv_1'), call('srv_1', '{}')].map((part) => ({ ...part, providerExecuted: true }));
  expect(await read(parts as LanguageModelV4StreamPart[])).toMatchObject({ type: 'text' });
});

test('a file of the model is kept with its signature, and told where it stands', async () => {
  const data = { type: 'data', data: new Uint8Array([0, 1, 255]) } as const;
  const log = callbacksLog();
  const providerMetadata = { google: { thoughtSignature: 's' } };
  const file: LanguageModelV4StreamPart = { type: 'file', mediaType: 'image/png', data, providerMetadata };
  const result = await read([...text('0', 'This:'), file, ...text('0', 'there')], log);
  const url = 'data:image/png;base64,AAH/';
  expect(result).toMatchObject({
    parts: [
      { type: 'text', text: 'This:' },
      { type: 'file', url, providerMetadata },
      { type: 'text', text: 'there' },
    ],
  });
  expect(shown(log)).toEqual(['text This:', `file ${url}`, 'text there']);
});

test('a source stands where it was named, and the text and the thought around it go on', async () => {
  const log = callbacksLog();
  const named = (id: string): LanguageModelV4StreamPart => ({ type: 'source', sourceType: 'url', id, url: `u:${id}` });
  const parts = [named('1'), ...thought('t', 'H'), named('2'), ...thought('t', 'm'), ...text('0', 'It ra')];
  const result = await read([...parts, named('3'), ...text('0', 'ins'), ...text('1', '.')], log);
  const kinds = 'parts' in result ? result.parts?.map((part) => ('text' in part ? part.text : part.type)) : [];
  expect(kinds).toEqual(['source', 'Hm', 'source', 'It rains', 'source', '.']);
  expect(log.thinking()).toEqual(['Hm', true]);
  expect(log.text()).toBe('It rains.');
});

test.each<[string, LanguageModelV4Source, object]>([
  ['a page', page({ title: 'T' }), { sourceType: 'url', url: 'u:1', title: 'T' }],
  ['a page of which a provider knows no title', page({ title: null as never }), { sourceType: 'url', url: 'u:1' }],
  ['a document', book({ title: 'T', filename: 'f' }), { sourceType: 'document', title: 'T', filename: 'f' }],
  ['a document by its file', book({ title: '', filename: 'f' }), { sourceType: 'document', title: 'f', filename: 'f' }],
  ['a document by its id', book({ title: null as never }), { sourceType: 'document', title: '1' }],
])('%s is kept with what is known of it', async (_, source, known) => {
  const result = await read([source]);
  const common = { type: 'source', sourceId: '1', providerMetadata: { some: { index: 1 } } };
  const media = source.sourceType === 'document' ? { mediaType: 'a/b' } : {};
  expect(result).toHaveProperty('parts', [{ ...common, ...media, ...known }]);
});

function page(fields: Partial<LanguageModelV4Source>): LanguageModelV4Source {
  const providerMetadata = { some: { index: 1 } };
  return {
    type: 'source',
    sourceType: 'url',
    id: '1',
    url: 'u:1',
    providerMetadata,
    ...fields,
  } as LanguageModelV4Source;
}

function book(fields: Partial<LanguageModelV4Source>): LanguageModelV4Source {
  return { ...page({}), sourceType: 'document', mediaType: 'a/b', url: undefined, ...fields } as LanguageModelV4Source;
}
