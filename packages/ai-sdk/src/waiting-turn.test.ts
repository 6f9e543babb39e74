// Would catch: a turn that waits for a person, and a page on which that person has no way to let it go on.
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import { MockLLMAdapter, type MockStep } from '@helix-agents/core/testing';
import { expect, it } from 'vitest';
import { assistant, chatServer, plain, textOf } from '../test/chat-fixture.ts';

const hangs: MockStep = () => new Promise(() => {});

/** The page of a turn that lost its processes too often to be taken up once more. */
async function waitingPage() {
  const [stateStore, streamManager] = [new InMemoryStateStore(), new InMemoryStreamManager()];
  const executor = (step: MockStep) => new JSAgentExecutor(stateStore, streamManager, new MockLLMAdapter([step]));
  let lost = executor(hangs);
  await lost.execute(assistant, { message: 'Hi', messageId: 'm1' }, { sessionId: 's1' });
  for (let takeovers = 1; takeovers <= 5; takeovers += 1) {
    await lost.close();
    lost = executor(hangs);
    await lost.getHandle(assistant, 's1');
  }
  await (await lost.getHandle(assistant, 's1'))?.result();
  const served = executor({ type: 'text', content: 'At last.' });
  const server = chatServer({ agent: assistant as never, executor: served, stateStore, streamManager });
  const snapshot = await server.snapshot('s1');
  return { server, snapshot, chat: server.chat('s1', snapshot) };
}

it('a turn that waits for a person goes on where its page tries it again', async () => {
  const { server, snapshot, chat } = await waitingPage();
  expect(snapshot.status).toBe('suspended_step_partial');
  await chat.regenerate();
  expect(textOf(chat.messages)).toBe('At last.');
  expect(plain(chat.messages)).toEqual(plain((await server.snapshot('s1')).messages));
});

it('a turn that waits for a person is not woken by a page that only reads it, or sends its message once more', async () => {
  const { server, chat } = await waitingPage();
  await chat.resumeStream();
  await chat.sendMessage({ id: 'm1', role: 'user', parts: [{ type: 'text', text: 'Hi' }] });
  expect((await server.snapshot('s1')).status).toBe('suspended_step_partial');
});
