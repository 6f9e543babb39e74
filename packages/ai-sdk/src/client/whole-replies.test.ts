// Would catch: a page that shows half a reply as if it was all of it, because something between it and the server hung up politely.
import type { ChatTransport, UIMessage, UIMessageChunk } from 'ai';
import { describe, expect, it } from 'vitest';
import { chatErrorOf } from './chat-error.ts';
import { wholeReplies } from './whole-replies.ts';

const said: UIMessageChunk[] = [
  { type: 'start', messageId: 'm' },
  { type: 'text-start', id: 't' },
  { type: 'text-delta', id: 't', delta: 'Half' },
];

function transport(chunks: readonly UIMessageChunk[]): ChatTransport<UIMessage> {
  const reply = async () =>
    new ReadableStream<UIMessageChunk>({
      start: (controller) => {
        chunks.forEach((chunk) => controller.enqueue(chunk));
        controller.close();
      },
    });
  return wholeReplies({ resumeStreamIsReplay: true, sendMessages: reply, reconnectToStream: reply });
}

async function read(stream: ReadableStream<UIMessageChunk> | null): Promise<UIMessageChunk['type'][]> {
  const types: UIMessageChunk['type'][] = [];
  const reader = stream?.getReader();
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) types.push(next.value.type);
  return types;
}

const sends = (one: ChatTransport<UIMessage>) =>
  one.sendMessages({
    chatId: 'c',
    messages: [],
    trigger: 'submit-message',
    messageId: undefined,
    abortSignal: undefined,
  });
const resumes = (one: ChatTransport<UIMessage>) => one.reconnectToStream({ chatId: 'c' });

describe.each([
  ['sent', sends],
  ['resumed', resumes],
])('a reply that is %s', (_, ask) => {
  it.each(['finish', 'error'] as const)('and ends with %s is as it was', async (type) => {
    const end = type === 'error' ? { type, errorText: 'no' } : { type };
    expect(await read(await ask(transport([...said, end])))).toEqual([...said.map((chunk) => chunk.type), type]);
  });

  it('and stops where only a part or a step ends is a lost connection', async () => {
    const ends: UIMessageChunk[] = [{ type: 'text-end', id: 't' }, { type: 'finish-step' }];
    for (const more of [ends.slice(0, 1), ends])
      await expect(read(await ask(transport([...said, ...more])))).rejects.toMatchObject({ code: 'stream_dropped' });
  });

  it('and stops before its end is a lost connection', async () => {
    const broken = read(await ask(transport(said)));
    await expect(broken).rejects.toMatchObject({ code: 'stream_dropped' });
    const error = await broken.catch((thrown: Error) => thrown);
    expect(chatErrorOf(error as Error)).toMatchObject({ text: 'The connection was lost.', code: 'stream_dropped' });
  });
});

it('where there is no reply to resume, there is none', async () => {
  const none = { ...transport([]), reconnectToStream: async () => null };
  expect(await resumes(wholeReplies(none))).toBeNull();
  expect(wholeReplies(none).resumeStreamIsReplay).toBe(true);
});
