import type { StreamChunk } from '../session/chunk.ts';

/** What stands in the place of a chunk that the stream does not get. */
export function gapAt({ agentId, agentType, runId, step, attempt, timestamp }: StreamChunk): StreamChunk {
  return { agentId, agentType, runId, step, attempt, timestamp, type: 'gap' };
}
