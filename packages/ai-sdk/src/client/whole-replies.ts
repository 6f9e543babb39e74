import { StreamDropError } from '@helix-agents/core';
import type { ChatTransport, UIMessage, UIMessageChunk } from 'ai';

/**
 * The same transport, whose replies come to their end or fail: one that stops before it was dropped on the way, by a gateway or a
 * server that went away, and `useChat` would take what came for all of it. It fails with a `StreamDropError`, for which
 * {@link chatErrorOf} says that the connection was lost; the run goes on, and `resumeStream` picks it up.
 */
export function wholeReplies<T extends UIMessage>(transport: ChatTransport<T>): ChatTransport<T> {
  const { resumeStreamIsReplay } = transport;
  return {
    ...(resumeStreamIsReplay !== undefined && { resumeStreamIsReplay }),
    sendMessages: async (options) => whole(await transport.sendMessages(options)),
    reconnectToStream: async (options) => {
      const reply = await transport.reconnectToStream(options);
      return reply && whole(reply);
    },
  };
}

/** With one of these our streams end, and with no other. */
const ends: ReadonlySet<UIMessageChunk['type']> = new Set(['finish', 'error']);

function whole(reply: ReadableStream<UIMessageChunk>): ReadableStream<UIMessageChunk> {
  let isOver = false;
  const watching = new TransformStream<UIMessageChunk, UIMessageChunk>({
    transform: (chunk, controller) => {
      isOver ||= ends.has(chunk.type);
      controller.enqueue(chunk);
    },
    flush: (controller) => {
      if (!isOver) controller.error(new StreamDropError());
    },
  });
  return reply.pipeThrough(watching);
}
