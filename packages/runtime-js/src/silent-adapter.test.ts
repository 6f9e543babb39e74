// Would catch: a live reader who sees nothing of a reply, because the adapter gave it whole instead of streaming it.
import type { LLMAdapter, MessagePart, StepResult } from '@helix-agents/core';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import { expect, it } from 'vitest';
import { collect, plain } from '../test/harness.ts';
import { JSAgentExecutor } from './index.ts';

const parts: MessagePart[] = [
  { type: 'reasoning', text: 'Which one?' },
  { type: 'text', text: 'This one: ' },
  { type: 'source', sourceType: 'url', sourceId: 's', url: 'https://a.test/' },
  { type: 'file', mediaType: 'image/png', url: 'data:,cat' },
];

/** What readers hear of a reply, the step's end left out. */
async function heardOf(generateStep: LLMAdapter['generateStep']): Promise<unknown[]> {
  const executor = new JSAgentExecutor(new InMemoryStateStore(), new InMemoryStreamManager(), { generateStep });
  const handle = await executor.execute(plain, { message: 'Hi', state: { notes: [] } });
  const chunks = await collect(await handle.stream());
  return chunks.filter(({ type }) => ['text_delta', 'thinking', 'source', 'file'].includes(type));
}

it.each<[string, StepResult]>([
  ['in parts', { type: 'text', content: 'This one: ', parts }],
  ['as text and thought', { type: 'text', content: 'This one: ', thinking: { content: 'Which one?' } }],
])('a reply of which the adapter streamed nothing, %s, is told whole', async (_, reply) => {
  const heard = await heardOf(async () => reply);
  expect(heard.slice(0, 2)).toMatchObject([
    { type: 'thinking', content: 'Which one?', isComplete: true },
    { type: 'text_delta', delta: 'This one: ' },
  ]);
  const rest = [{ type: 'source' }, { type: 'file', url: 'data:,cat', isComplete: true }];
  expect(heard.slice(2)).toMatchObject('parts' in reply ? rest : []);
});

it('a reply that the adapter streamed is told as it came, and not again', async () => {
  const heard = await heardOf(async ({ callbacks }) => {
    callbacks.onTextDelta?.('This ');
    await Promise.resolve();
    callbacks.onTextDelta?.('one: ');
    return { type: 'text', content: 'This one: ' };
  });
  expect(heard.map((chunk) => (chunk as { delta: string }).delta).join('')).toBe('This one: ');
});
