import { StreamDropError, type Clock, type Logger } from '@helix-agents/core';
import type { UIMessageChunk } from 'ai';

/** What an event stream is written from. */
export interface SSESource {
  /** Batches of chunks. It is closed when the reader goes away, and when a batch cannot be written. */
  readonly chunks: AsyncIterator<readonly UIMessageChunk[], unknown>;
  /** Aborted when the reader goes away, and when a batch cannot be written. */
  readonly reader: AbortController;
  /** Is told what could not be read or written, and gives the chunks with which the stream ends then. */
  readonly onFailure: (thrown: unknown) => readonly UIMessageChunk[];
  readonly clock: Pick<Clock, 'after'>;
  /** Silence after which a comment is sent, so that proxies keep the connection. Default 15,000. */
  readonly keepAliveMs?: number;
  /** How long a reader may take nothing of what is there for it. Default {@link defaultMaxStallMs}. */
  readonly maxStallMs?: number | undefined;
  readonly logger?: Logger | undefined;
}

/** Longer than a line that is merely slow needs for a piece, and what servers in front of ours allow. */
const defaultMaxStallMs = 60_000;

type Piece = Uint8Array<ArrayBuffer>;

const headers = {
  'content-type': 'text/event-stream',
  // Whoever compresses on the way gathers until there is enough to compress.
  'cache-control': 'no-cache, no-store, no-transform',
  // The version of the AI SDK's protocol, and a word to nginx.
  'x-vercel-ai-ui-message-stream': 'v1',
  'x-accel-buffering': 'no',
};

/** What is held for a reader beside its batch. */
const pieceBytes = 64 * 1024;

const utf8 = new TextEncoder();

/**
 * The chunks as the event stream that `useChat` reads. It is read as fast as the client reads, never faster, in pieces of at most
 * 64 KiB. What goes wrong is told in its last events. It breaks off only for a client that has stopped to read: nothing could be
 * told to that one, and what is held for it would be held for as long as it likes.
 */
export function sseResponse(source: SSESource): Response {
  const { clock, maxStallMs = defaultMaxStallMs } = source;
  const pieces = allPieces(source);
  let endWait = () => {};
  const body = new ReadableStream<Piece>({
    // Called when what was enqueued before was taken.
    async pull(controller) {
      endWait();
      const next = await pieces.next();
      if (next.done) return controller.close();
      controller.enqueue(next.value);
      endWait = clock.after(maxStallMs, () => {
        source.logger?.log('info', 'a client that read nothing of its stream was let go', { maxStallMs });
        letGo(source);
        controller.error(new StreamDropError(`the client read nothing for ${maxStallMs} ms`));
      });
    },
    cancel: () => {
      endWait();
      letGo(source);
    },
  });
  return new Response(body, { headers });
}

async function* allPieces(source: SSESource): AsyncGenerator<Piece, void, void> {
  try {
    yield* sourcePieces(source);
  } catch (error) {
    letGo(source);
    yield* piecesOf(source.onFailure(error));
  }
  yield utf8.encode('data: [DONE]\n\n');
}

async function* sourcePieces(source: SSESource): AsyncGenerator<Piece, void, void> {
  let pending = source.chunks.next();
  for (;;) {
    const next = await orSilence(pending, source);
    if (next === 'silence') {
      yield utf8.encode(': keep-alive\n\n');
      continue;
    }
    if (next.done) return;
    yield* piecesOf(next.value);
    pending = source.chunks.next();
  }
}

function* piecesOf(batch: readonly UIMessageChunk[]): Generator<Piece, void, void> {
  let text = '';
  for (const chunk of batch) {
    text += `data: ${JSON.stringify(chunk)}\n\n`;
    if (text.length < pieceBytes) continue;
    yield* slices(utf8.encode(text));
    text = '';
  }
  yield* slices(utf8.encode(text));
}

/** Copies: whoever is handed one may give its memory away. */
function* slices(bytes: Piece): Generator<Piece, void, void> {
  for (let from = 0; from < bytes.length; from += pieceBytes) yield bytes.slice(from, from + pieceBytes);
}

/** It is asked to end; a read that is under way ends by the signal first. */
function letGo({ reader, chunks }: SSESource): void {
  reader.abort();
  chunks.return?.().catch(() => {});
}

async function orSilence<T>(next: Promise<T>, { clock, keepAliveMs = 15_000 }: SSESource): Promise<T | 'silence'> {
  let cancel = () => {};
  const silence = new Promise<'silence'>((resolve) => (cancel = clock.after(keepAliveMs, () => resolve('silence'))));
  return Promise.race([next, silence]).finally(() => cancel());
}
