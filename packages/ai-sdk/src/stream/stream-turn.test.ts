// Would catch: a late reader of a large turn for whom all of it is loaded at once, and one who gets less than all of it.
import { charactersOf, defineAgent, defineTool } from '@helix-agents/core';
import type { UIMessageChunk } from 'ai';
import { expect, it, vi } from 'vitest';
import { z } from 'zod';
import { inProcess, plain } from '../../test/chat-fixture.ts';
import { streamTurn } from './stream-turn.ts';

const large = 'x'.repeat(900_000);
const steps = 20;
const fetchLarge = defineTool({
  name: 'fetch_large',
  description: 'Gives much.',
  inputSchema: z.object({}),
  execute: () => large,
});
const agent = defineAgent({ name: 'assistant', systemPrompt: '', tools: [fetchLarge] });

/** A turn of 17 MiB that is over. */
async function largeTurn() {
  const server = inProcess(
    async (_, call) =>
      call <= steps
        ? { type: 'tool_calls', toolCalls: [{ id: `c${call}`, name: 'fetch_large', arguments: {} }] }
        : { type: 'text', content: 'That is all.' },
    agent as never,
  );
  await (await server.executor.execute(agent, 'Give me much', { sessionId: 's1' })).result();
  return server;
}

it('a large turn is told a step at a time, and no more of it is read at once', async () => {
  const { stateStore, streamManager } = await largeTurn();
  const session = await stateStore.load('s1');
  const read = vi.spyOn(stateStore, 'messagesAfter');
  const sizes: number[] = [];
  const types: UIMessageChunk['type'][] = [];
  const clock = { now: () => 0, monotonic: () => 0, sleep: async () => {}, after: () => () => {} };
  const from = { stateStore, streamManager, clock, session: session!, abortSignal: new AbortController().signal };
  for await (const chunks of streamTurn(from)) {
    sizes.push(charactersOf(chunks));
    types.push(...chunks.map(({ type }) => type));
  }
  const pages = await Promise.all(read.mock.results.map(({ value }) => value as Promise<unknown>));
  expect(Math.max(...sizes)).toBeLessThan(2 * large.length);
  expect(Math.max(...pages.map(charactersOf))).toBeLessThan(3 * large.length);
  expect(types.filter((type) => type === 'tool-output-available')).toHaveLength(steps);
  expect(types.at(-1)).toBe('finish');
});

it('a page that resumes a large turn shows what the record has', async () => {
  const server = await largeTurn();
  const { messages } = await server.snapshot('s1');
  const chat = server.chat('s1', {
    ...(await server.snapshot('s1')),
    messages: [],
    streamSequence: 0,
    endedRunId: null,
  });
  await chat.resumeStream();
  expect(plain(chat.messages)).toEqual(plain(messages.slice(1)));
});
