// Would catch: a page that goes on without the words that a process took with it when it died, though the record has them.
import { defineAgent, defineTool, HelixError, type StreamManager } from '@helix-agents/core';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { inProcess, plain } from '../../test/chat-fixture.ts';

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
  const recovery = other.startRecovery({ agents: [agent], abortSignal: end.signal });
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
