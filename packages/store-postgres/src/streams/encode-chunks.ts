import { HelixError, type StreamChunk } from '@helix-agents/core';
import { encodeJson } from '../database/encode-json.ts';

/**
 * A batch as its row holds it.
 *
 * @throws HelixError `stream_chunk_too_large` for a chunk above the limit, `input_invalid` for what JSON cannot hold
 */
export function encodeChunks(chunks: readonly StreamChunk[], maxChunkBytes: number): string {
  return `[${chunks.map((chunk) => encodeChunk(chunk, maxChunkBytes)).join(',')}]`;
}

function encodeChunk(chunk: StreamChunk, maxChunkBytes: number): string {
  const json = encodeJson(chunk);
  // A character is at most three bytes, so most chunks need no exact count.
  if (json.length * 3 <= maxChunkBytes) return json;
  const bytes = new TextEncoder().encode(json).length;
  if (bytes <= maxChunkBytes) return json;
  throw new HelixError(
    'stream_chunk_too_large',
    `a ${chunk.type} chunk has ${bytes} bytes; this stream takes ${maxChunkBytes}`,
  );
}
