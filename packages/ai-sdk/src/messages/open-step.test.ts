// Would catch: a page loaded while calls of a step run one after the other that shows those which ended as still running, for ever.
import { defineAgent, defineTool } from '@helix-agents/core';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { inProcess, plain, until } from '../../test/chat-fixture.ts';

it('a page that is loaded in the middle of a step shows what its calls came to, and in the end what the others show', async () => {
  let finish = () => {};
  const held = new Promise<string>((resolve) => (finish = () => resolve('done')));
  let isHeld = false;
  const hold = () => {
    isHeld = true;
    return held;
  };
  const bodies = { quick: async () => 'done', fails: () => Promise.reject(new Error('no')), held: hold };
  const tools = Object.entries(bodies).map(([name, execute]) =>
    defineTool({ name, description: name, inputSchema: z.object({}), sequential: true, execute }),
  );
  const agent = defineAgent({ name: 'assistant', systemPrompt: '', tools });
  const toolCalls = tools.map(({ name }) => ({ id: name, name, arguments: {} }));
  const server = inProcess(
    async (_, call) => (call > 1 ? { type: 'text', content: 'Last.' } : { type: 'tool_calls', toolCalls }),
    agent as never,
  );
  const chat = server.chat('s1');
  const sent = chat.sendMessage({ text: 'Hi' });
  await until(() => isHeld);
  const snapshot = await server.snapshot('s1');
  const states = [
    { state: 'output-available', output: 'done' },
    { state: 'output-error' },
    { state: 'input-available' },
  ];
  expect(snapshot.messages[1]?.parts.slice(1)).toMatchObject(states);
  const loaded = server.chat('s1', snapshot);
  const resumed = loaded.resumeStream();
  await until(() => loaded.status === 'streaming');
  finish();
  await Promise.all([sent, resumed]);
  expect(plain(loaded.messages)).toEqual(plain(chat.messages));
  expect(plain(loaded.messages)).toEqual(plain((await server.snapshot('s1')).messages));
});
