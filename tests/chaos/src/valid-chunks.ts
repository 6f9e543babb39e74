import type { StoredChunk } from '@helix-agents/core';

/** What is left of a stream once all is taken back that was withdrawn. */
export function validChunks(chunks: readonly StoredChunk[]): StoredChunk[] {
  const valid: StoredChunk[] = [];
  for (const stored of chunks) {
    const { chunk } = stored;
    if (chunk.type !== 'rewound') valid.push(stored);
    else while ((valid.at(-1)?.sequence ?? 0) > chunk.toSequence) valid.pop();
  }
  return valid;
}
