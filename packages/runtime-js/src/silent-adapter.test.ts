// Would catch: a live reader who sees nothing of a reply, because the adapter gave it whole instead of streaming it.
import type { LLMAdapter, MessagePart, SessionSnapshot, StepResult, StreamChunk } from '@helix-agents/core';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import { expect, it } from 'vitest';
import { collect, gate, plain, textOf } from '../test/harness.ts';
import { JSAgentExecutor } from './index.ts';

const parts: MessagePart[] = [
  { type: 'reasoning', text: 'Which one?' },
  { type: 'text', text: 'This one: ' },
  { type: 'source', sourceType: 'url', sourceId: 's', url: 'https://a.test/' },
  { type: 'file', mediaType: 'image/png', url: 'data:,cat' },
];

const last: StepResult = { type: 'text', content: 'Last.' };

async function chunksOf(generateStep: LLMAdapter['generateStep']): Promise<StreamChunk[]> {
  const executor = new JSAgentExecutor(new InMemoryStateStore(), new InMemoryStreamManager(), { generateStep });
  const handle = await executor.execute(plain, { message: 'Hi', state: { notes: [] } });
  return collect(await handle.stream());
}

/** What readers hear of a reply, the step's end left out. */
async function heardOf(generateStep: LLMAdapter['generateStep']): Promise<unknown[]> {
  const chunks = await chunksOf(generateStep);
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

it('an adapter that told but an empty delta told nothing', async () => {
  const heard = await heardOf(async ({ callbacks }) => {
    callbacks.onTextDelta?.('');
    return { type: 'text', content: 'This one: ' };
  });
  expect(heard).toMatchObject([{ type: 'text_delta', delta: 'This one: ' }]);
});

it('a call between two texts parts them', async () => {
  const call = { id: 'c', name: 'note', arguments: { text: 'a' } };
  const inParts: MessagePart[] = [
    { type: 'text', text: 'One. ' },
    { type: 'tool-call', toolCallId: 'c', toolName: 'note', input: {} },
    { type: 'text', text: 'Two.' },
    { type: 'tool-call', toolCallId: 'd', toolName: 'note', input: {} },
  ];
  const toolCalls = [call, { ...call, id: 'd' }];
  const replies: StepResult[] = [{ type: 'tool_calls', content: 'One. Two.', parts: inParts, toolCalls }, last];
  const heard = await chunksOf(async () => replies.shift() ?? last);
  expect(heard.slice(0, 5)).toMatchObject([
    { type: 'text_delta', delta: 'One. ' },
    { type: 'tool_input_start', toolCallId: 'c', toolName: 'note' },
    { type: 'text_delta', delta: 'Two.' },
    { type: 'tool_start', toolCallId: 'c' },
    { type: 'tool_start', toolCallId: 'd' },
  ]);
});

it('a reply that was there before the stop is told, since it is in the record', async () => {
  const store = new InMemoryStateStore();
  const load = store.load.bind(store);
  const [looks, sees] = [gate(), gate<SessionSnapshot | null>()];
  let [stops, stopped]: [boolean, SessionSnapshot | null] = [false, null];
  store.load = (sessionId) => {
    if (!stops) return load(sessionId);
    looks.resolve();
    return sees.promise;
  };
  const streams = new InMemoryStreamManager();
  const generateStep = async (): Promise<StepResult> => {
    const session = await load('s');
    stops = true;
    await store.deliver('s', { kind: 'stop', runId: session?.run?.runId ?? '', stop: 'interrupt', at: 0 });
    await looks.promise;
    stopped = await load('s');
    stops = false;
    return last;
  };
  // The stop is seen once the reply is there, and before anything is made of it.
  const sight = { set: () => {}, end: () => void (stopped && sees.resolve(stopped)) };
  const executor = new JSAgentExecutor(
    store,
    streams,
    { generateStep },
    { instrumentation: { startSpan: () => sight } },
  );
  const handle = await executor.execute(plain, { message: 'Hi', state: { notes: [] } }, { sessionId: 's' });
  await handle.result();
  const [, reply] = await store.messagesAfter('s', 0);
  expect(reply?.parts).toEqual([{ type: 'text', text: 'Last.' }]);
  expect(await textOf({ store, streams }, 's')).toBe('Last.');
});

it('what a reply cost is counted, also of one that cannot be told', async () => {
  const store = new InMemoryStateStore();
  const broken = [{ type: 'text', text: 'x', providerMetadata: { p: { cost: 1n } } }] as unknown as MessagePart[];
  const reply: StepResult = { ...last, parts: broken, usage: { input: 3, output: 4, total: 7 } };
  const executor = new JSAgentExecutor(store, new InMemoryStreamManager(), { generateStep: async () => reply });
  const handle = await executor.execute(plain, { message: 'Hi', state: { notes: [] } }, { sessionId: 's' });
  expect(await handle.result()).toMatchObject({ status: 'failed' });
  expect((await store.load('s'))?.usage).toMatchObject({ tokens: { total: 7 }, modelCalls: 1 });
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
