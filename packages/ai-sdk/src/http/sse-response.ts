import type { Clock } from '@helix-agents/core';
import type { UIMessageChunk } from 'ai';

/** What an event stream is written from. */
export interface SSESource {
  /** Batches of chunks. It is closed when the reader goes away. */
  readonly chunks: AsyncIterator<readonly UIMessageChunk[], unknown>;
  /** Aborted when the reader goes away. */
  readonly reader: AbortController;
  readonly clock: Pick<Clock, 'after'>;
  /** Silence after which a comment is sent, so that proxies keep the connection. Default 15,000. */
  readonly keepAliveMs?: number;
}

const headers = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-store',
  // The version of the AI SDK's protocol, and a word to nginx.
  'x-vercel-ai-ui-message-stream': 'v1',
  'x-accel-buffering': 'no',
};

/** The chunks as the event stream that `useChat` reads. It is read as fast as the client reads, never faster. */
export function sseResponse(source: SSESource): Response {
  const text = new TextEncoder();
  let pending: Promise<IteratorResult<readonly UIMessageChunk[], unknown>> | undefined;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      pending ??= source.chunks.next();
      const next = await orSilence(pending, source);
      if (next === 'silence') return controller.enqueue(text.encode(': keep-alive\n\n'));
      pending = undefined;
      if (!next.done) return controller.enqueue(text.encode(next.value.map(toEvent).join('')));
      controller.enqueue(text.encode('data: [DONE]\n\n'));
      controller.close();
    },
    cancel() {
      source.reader.abort();
      // It is asked to end; a read that is under way ends by the signal first.
      void source.chunks.return?.();
    },
  });
  return new Response(body, { headers });
}

function toEvent(chunk: UIMessageChunk): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

async function orSilence<T>(next: Promise<T>, { clock, keepAliveMs = 15_000 }: SSESource): Promise<T | 'silence'> {
  let cancel = () => {};
  const silence = new Promise<'silence'>((resolve) => (cancel = clock.after(keepAliveMs, () => resolve('silence'))));
  return Promise.race([next, silence]).finally(() => cancel());
}
