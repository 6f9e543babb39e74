// Would catch: a transcript whose blocks stand in another order than the model wrote them, which providers refuse to read back.
import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { StepResult } from '@helix-agents/core';
import { expect, test } from 'vitest';
import { ask, callbacksLog } from '../test/ask.ts';
import { finish, mockModel } from '../test/mock-model.ts';

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

test('blocks stand where they began, though their pieces are mixed', async () => {
  const result = await read([
    { type: 'reasoning-start', id: '0' },
    { type: 'text-start', id: '0' },
    { type: 'text-delta', id: '0', delta: 'b' },
    { type: 'reasoning-delta', id: '0', delta: 'a' },
    { type: 'reasoning-end', id: '0' },
    { type: 'text-end', id: '0' },
    { type: 'text-delta', id: 'without a start', delta: 'c' },
  ]);
  expect(result).toMatchObject({
    content: 'bc',
    parts: [
      { type: 'reasoning', text: 'a' },
      { type: 'text', text: 'b' },
      { type: 'text', text: 'c' },
    ],
  });
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

test('a call that never became whole is no call', async () => {
  const result = await read([start('call_0'), delta('call_0', '{"n":')]);
  expect(result).toMatchObject({ type: 'text', content: '', parts: [] });
});

test('what the provider executed itself is not asked of us', async () => {
  const parts = [start('srv_1'), call('srv_1', '{}')].map((part) => ({ ...part, providerExecuted: true }));
  expect(await read(parts as LanguageModelV4StreamPart[])).toMatchObject({ type: 'text' });
});

test('a file of the model is kept', async () => {
  const data = { type: 'data', data: new Uint8Array([0, 1, 255]) } as const;
  const result = await read([{ type: 'file', mediaType: 'image/png', data }]);
  expect(result).toMatchObject({ parts: [{ type: 'file', url: 'data:image/png;base64,AAH/' }] });
});
