import type { ChunkBody, StoredChunk, StreamChunk, StreamManager, StreamWriter } from '@helix-agents/core';

/** A stream manager under test. */
export interface StreamManagerBackend {
  readonly manager: StreamManager;
  close(): Promise<void>;
}

/** The opened backend; only to be called inside a test. */
export type Opened = () => StreamManagerBackend;

export const runId = 'run-1';

/** A chunk of any kind. */
export function chunkOf(body: ChunkBody): StreamChunk {
  return { agentId: 'agent', agentType: 'tester', timestamp: 1_700_000_000_123, runId, step: 1, attempt: 1, ...body };
}

/** A chunk of text. */
export function text(delta: string): StreamChunk {
  return chunkOf({ type: 'text_delta', delta });
}

/** Texts from `first` to `last`, each its number. */
export function texts(first: number, last: number): StreamChunk[] {
  return Array.from({ length: last - first + 1 }, (_, index) => text(String(first + index)));
}

/** A writer answers at once or by a promise, and refuses in either way. */
export async function appendTo(writer: StreamWriter, batchNo: number, chunks: readonly StreamChunk[]): Promise<number> {
  return writer.append(batchNo, chunks);
}

export function sequences(chunks: readonly StoredChunk[]): number[] {
  return chunks.map(({ sequence }) => sequence);
}

/** What the chunks say, in order. */
export function said(chunks: readonly StoredChunk[]): string[] {
  return chunks.map(({ chunk }) => (chunk.type === 'text_delta' ? chunk.delta : chunk.type));
}

export function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}
