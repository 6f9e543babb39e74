import type { LanguageModelV4GenerateResult, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { Reply } from './reply.ts';

/**
 * Reads a stream into a reply until it finishes, ends or `abortSignal` is aborted; `heard` is called for each part. `rest` is
 * what follows the finish, usually nothing but the end of the connection.
 */
export async function readReply(
  stream: ReadableStream<LanguageModelV4StreamPart>,
  reply: Reply,
  heard: () => void,
  abortSignal: AbortSignal,
): Promise<{ readonly rest: Promise<void> }> {
  const reader = stream.getReader();
  abortSignal.addEventListener('abort', () => void reader.cancel().catch(ignore), { once: true });
  while (!reply.finish) {
    const { done, value } = await reader.read();
    if (done || abortSignal.aborted || isMadeUp(value)) break;
    reply.take(value);
    heard();
  }
  return { rest: drain(reader).catch(ignore) };
}

/** Several packages end a stream that broke off as if it were whole, for a reason that no provider gave. */
function isMadeUp(part: LanguageModelV4StreamPart): boolean {
  return part.type === 'finish' && part.finishReason.unified === 'other' && part.finishReason.raw === undefined;
}

async function drain(reader: ReadableStreamDefaultReader<unknown>): Promise<void> {
  while (!(await reader.read()).done);
}

const ignore = () => {};

/** A reply that came in one piece, as the parts of a stream. */
export function* partsOf(result: LanguageModelV4GenerateResult): Generator<LanguageModelV4StreamPart> {
  const { warnings, response, content, finishReason, usage, providerMetadata } = result;
  yield { type: 'stream-start', warnings };
  yield { ...response, type: 'response-metadata' };
  for (const [index, part] of content.entries()) {
    if (part.type === 'text' || part.type === 'reasoning') yield* textParts(part, String(index));
    else yield part;
  }
  yield { type: 'finish', finishReason, usage, ...(providerMetadata && { providerMetadata }) };
}

type TextContent = Extract<LanguageModelV4GenerateResult['content'][number], { type: 'text' | 'reasoning' }>;

function* textParts(part: TextContent, id: string): Generator<LanguageModelV4StreamPart> {
  const { type, text, providerMetadata } = part;
  yield { type: `${type}-start`, id, ...(providerMetadata && { providerMetadata }) };
  yield { type: `${type}-delta`, id, delta: text };
  if (part.type === 'reasoning') yield { type: 'reasoning-end', id };
  else yield { type: 'text-end', id, ...(part.citations && { citations: part.citations }) };
}
