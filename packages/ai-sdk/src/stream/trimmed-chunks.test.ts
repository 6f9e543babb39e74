// Would catch: a page that is told of an error, or of half a reply, because it read slowly while what the record has was trimmed.
import type { SessionSnapshot } from '@helix-agents/core';
import { expect, it } from 'vitest';
import { assistant, inProcess, plain, until } from '../../test/chat-fixture.ts';

const call = (id: string) => ({ id, name: 'get_weather', arguments: { city: 'Oslo' } });

/** A model that calls a tool in each of two steps and then says more, once `more` lets it. */
function talkative() {
  const more = Promise.withResolvers<void>();
  const server = inProcess(async ({ callbacks }, count) => {
    callbacks.onTextDelta?.(`Step ${count}. `);
    if (count === 3) {
      await more.promise;
      callbacks.onTextDelta?.('The end.');
    }
    if (count >= 3) return { type: 'text', content: `Step ${count}. ${count === 3 ? 'The end.' : ''}` };
    return { type: 'tool_calls', content: `Step ${count}. `, toolCalls: [call(`c${count}`)] };
  });
  return { ...server, more: more.resolve };
}

/** Keeps its reader from the stream, once that has `after`, until the session `isReady`; then what its record has is trimmed. */
function trimming(
  { stateStore, streamManager }: ReturnType<typeof inProcess>,
  after: number,
  isReady: (session: SessionSnapshot) => boolean,
): void {
  const read = streamManager.read.bind(streamManager);
  let trimmed: Promise<void> | undefined;
  const trim = async (streamId: string): Promise<void> => {
    const ready = () => stateStore.load('s1').then((session) => session && isReady(session) && session);
    await until(async () => Boolean(await ready()));
    const session = await ready();
    if (session) await streamManager.trim(streamId, session.streamSequence);
  };
  streamManager.read = async (streamId, from, limit) => {
    if (from < after) return read(streamId, from, Math.min(limit ?? Infinity, after - from));
    await (trimmed ??= trim(streamId));
    return read(streamId, from, limit);
  };
}

const isOver = ({ run }: SessionSnapshot) => run?.phase.at === 'ended';

it.each([0, 1, 2, 4])(
  'a turn that is over and trimmed is told whole to a page that has %i chunks of it',
  async (after) => {
    const server = talkative();
    server.more();
    trimming(server, after, isOver);
    const chat = server.chat('s1');
    await chat.sendMessage({ text: 'Hi' });
    expect(chat.error).toBeUndefined();
    expect(plain(chat.messages)).toEqual(plain((await server.snapshot('s1')).messages));
    expect(JSON.stringify(chat.messages)).toContain('The end.');
  },
);

it.each([0, 1, 2, 4])(
  'a step that is over and trimmed is told, and live words go on behind it: %i chunks',
  async (after) => {
    const server = talkative();
    trimming(server, after, ({ run }) => run?.stepCount === 2);
    const chat = server.chat('s1');
    const sent = chat.sendMessage({ text: 'Hi' });
    await until(() => JSON.stringify(chat.messages).includes('Step 3. ') || chat.status === 'error');
    expect(chat.status).toBe('streaming');
    server.more();
    await sent;
    expect(plain(chat.messages)).toEqual(plain((await server.snapshot('s1')).messages));
  },
);

it('a turn behind which others went on, all of it trimmed, is told whole to its page, and nothing more', async () => {
  const server = talkative();
  server.more();
  trimming(server, 1, (session) => isOver(session) && session.run?.turn === 2);
  const chat = server.chat('s1');
  const sent = chat.sendMessage({ text: 'Hi' });
  await until(async () => ((session) => session !== null && isOver(session))(await server.stateStore.load('s1')));
  await (await server.executor.execute(assistant, 'And now?', { sessionId: 's1' })).result();
  await sent;
  expect(chat.error).toBeUndefined();
  const { messages } = await server.snapshot('s1');
  expect(plain(chat.messages)).toEqual(plain(messages.slice(0, 2)));
});
