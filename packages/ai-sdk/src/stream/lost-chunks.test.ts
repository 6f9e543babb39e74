// Would catch: a page that goes on without the words that a process took with it when it died, though the record has them.
import {
  defineAgent,
  defineTool,
  HelixError,
  streamIdOf,
  type StepResult,
  type StreamManager,
} from '@helix-agents/core';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { assistant, inProcess, plain, until } from '../../test/chat-fixture.ts';

/** From `lose` on, what is written by the owner of that time is lost. */
function losing(streams: StreamManager): { lose(): void } {
  const open = streams.openWriter.bind(streams);
  let lose = () => {};
  streams.openWriter = async (...of) => {
    const writer = await open(...of);
    let isLost = false;
    lose = () => (isLost = true);
    return {
      startSequence: writer.startSequence,
      append: (...batch) => (isLost ? new Promise<number>(() => {}) : writer.append(...batch)),
    };
  };
  return { lose: () => lose() };
}

it('the reply of a turn whose stream cannot be written at all is told from the record when it is over', async () => {
  const server = inProcess(async () => ({ type: 'text', content: 'Everything.' }));
  server.streamManager.openWriter = () => Promise.reject(new HelixError('state_store_unavailable', 'away'));
  const chat = server.chat('s1');
  await chat.sendMessage({ text: 'Hi' });
  expect(chat.status).toBe('ready');
  expect(plain(chat.messages)).toEqual(plain((await server.snapshot('s1')).messages));
  expect(plain(chat.messages)).toMatchObject([{}, { parts: [{}, { text: 'Everything.' }] }]);
});

it('what a dead owner did not get into the stream is told from the record once another goes on, and nothing twice', async () => {
  let bodies = 0;
  const hold = defineTool({
    name: 'hold',
    description: 'Keeps its first owner busy.',
    inputSchema: z.object({}),
    replay: 'safe',
    execute: async () => {
      bodies += 1;
      if (bodies > 1) return 'held';
      void server.executor.close();
      return new Promise<string>(() => {});
    },
  });
  const agent = defineAgent({ name: 'assistant', systemPrompt: '', tools: [hold] });
  const call = (id: string) => ({ type: 'tool_calls' as const, toolCalls: [{ id, name: 'hold', arguments: {} }] });
  const server = inProcess(async ({ callbacks }, count) => {
    if (count > 1) return { type: 'text', content: 'Last.' };
    callbacks.onTextDelta?.('Let me ');
    await new Promise((resolve) => setTimeout(resolve, 60));
    stream.lose();
    callbacks.onTextDelta?.('see. ');
    return { ...call('c1'), content: 'Let me see. ' };
  }, agent as never);
  // It outlives the first owner, which is as far as this test goes.
  Object.defineProperty(server.stateStore, 'durability', { value: 'commit' });
  const stream = losing(server.streamManager);
  const chat = server.chat('s1');
  const sent = chat.sendMessage({ text: 'Hi' });
  const other = new JSAgentExecutor(server.stateStore, server.streamManager, server.model, {});
  const end = new AbortController();
  const recovery = other.startRecovery({ agents: { [agent.name]: agent }, abortSignal: end.signal });
  await sent;
  end.abort();
  await recovery;
  expect(bodies).toBe(2);
  expect(plain(chat.messages)).toEqual(plain((await server.snapshot('s1')).messages));
  expect(plain(chat.messages)).toMatchObject([
    {},
    { parts: [{}, { text: 'Let me see. ' }, { toolCallId: 'c1', output: 'held' }, {}, { text: 'Last.' }] },
  ]);
});

const callsOf = (...given: readonly (readonly [name: string, input: unknown])[]): StepResult => ({
  type: 'tool_calls',
  content: 'So. ',
  toolCalls: given.map(([name, input], index) => ({ id: `c${index}`, name, arguments: input })),
});

/** Of the event loop: time for all that can go on to go on. */
async function someTurns(): Promise<void> {
  for (let left = 50; left > 0; left -= 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A server whose stream takes no large chunk; `looked`: the record was read, and did not stand behind the gap, a while ago. */
function narrow(reply: StepResult, tools: readonly ReturnType<typeof toolOf>[]) {
  const agent = defineAgent({ name: 'assistant', systemPrompt: '', tools });
  const last: StepResult = { type: 'text', content: 'Last.' };
  const server = inProcess(async (_, count) => (count > 1 ? last : reply), agent as never);
  Object.defineProperty(server.streamManager, 'limits', { value: { maxChunkBytes: 1_500 } });
  const load = server.stateStore.load.bind(server.stateStore);
  const { promise: looked, resolve } = Promise.withResolvers<void>();
  server.stateStore.load = async (sessionId) => {
    const session = await load(sessionId);
    const { chunks } = await server.streamManager.read(session ? streamIdOf(session) : '', 0);
    const gap = chunks.find(({ chunk }) => chunk.type === 'gap');
    if (session && gap && session.streamSequence < gap.sequence) void someTurns().then(resolve);
    return session;
  };
  return { ...server, looked };
}

const toolOf = (name: string, execute: () => Promise<string>) =>
  defineTool({ name, description: 'x', inputSchema: z.object({ text: z.string().optional() }), execute });

it('what the stream did not take is told once the record has it, and what came behind it meanwhile with it', async () => {
  const big = toolOf('big', async () => 'x'.repeat(3_000));
  const slow = toolOf('slow', () => server.looked.then(() => 'slow'));
  const server = narrow(callsOf(['big', {}], ['slow', {}]), [big, slow]);
  const chat = server.chat('s1');
  await chat.sendMessage({ text: 'Hi' });
  expect(plain(chat.messages)).toEqual(plain((await server.snapshot('s1')).messages));
});

it('the end of a call is not told before the call, whose beginning the stream did not take', async () => {
  const server = narrow(callsOf(['strict', { text: 3, more: 'x'.repeat(3_000) }]), [toolOf('strict', async () => 'x')]);
  const commit = server.stateStore.commit.bind(server.stateStore);
  server.stateStore.commit = async (sessionId, change) => {
    if (change.head?.step) await server.looked;
    return commit(sessionId, change);
  };
  const chat = server.chat('s1');
  await chat.sendMessage({ text: 'Hi' });
  expect(chat.error).toBeUndefined();
  expect(plain(chat.messages)).toEqual(plain((await server.snapshot('s1')).messages));
});

it('of a turn that a stop cut, and others went on behind, its page is told all that the record has', async () => {
  const cut = Promise.withResolvers<void>();
  const server = inProcess(async ({ callbacks, abortSignal }, count) => {
    if (count > 1) return { type: 'text', content: 'Another.' };
    callbacks.onTextDelta?.('Let me ');
    await until(() => (chat.messages[1]?.parts.length ?? 0) > 1);
    stream.lose();
    callbacks.onTextDelta?.('see. ');
    cut.resolve();
    return new Promise((_, reject) => abortSignal.addEventListener('abort', () => reject(new Error('cut'))));
  });
  const stream = losing(server.streamManager);
  const chat = server.chat('s1');
  const sent = chat.sendMessage({ text: 'Hi' });
  await cut.promise;
  await server.executor.interrupt(assistant as never, 's1');
  await until(async () => (await server.stateStore.load('s1'))?.run?.phase.at === 'ended');
  await (await server.executor.execute(assistant, 'And now?', { sessionId: 's1' })).result();
  await sent;
  const { messages } = await server.snapshot('s1');
  expect(plain(chat.messages)).toEqual(plain(messages.slice(0, 2)));
  expect(plain(chat.messages)).toMatchObject([{}, { parts: [{}, { text: 'Let me see. ' }] }]);
});
