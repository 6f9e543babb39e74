import {
  createChunkWriter,
  type ChunkSink,
  type RuntimePorts,
  type SessionSnapshot,
  type StreamManager,
} from '@helix-agents/core';

/** A sink that can be closed: what it holds is written, then it writes nothing more. */
export interface OpenChunkSink extends ChunkSink {
  close(): Promise<void>;
}

/**
 * The stream of a session for its owner. A stream store that cannot be reached is no reason not to work: then nothing is streamed,
 * and readers get the result from the record.
 */
export async function openChunkSink(
  streams: StreamManager,
  session: SessionSnapshot,
  ports: RuntimePorts,
): Promise<OpenChunkSink> {
  const { sessionId, agentType, epoch } = session;
  const runId = session.run?.runId ?? '';
  try {
    const writer = await streams.openWriter(sessionId, { runId, epoch, attempt: 1 });
    let place = { step: 0, attempt: 1 };
    const base = () => ({ agentId: sessionId, agentType, runId, ...place, timestamp: ports.clock.now() });
    const chunks = createChunkWriter({ writer, base, clock: ports.clock, logger: ports.logger });
    return {
      get sequence() {
        return chunks.sequence;
      },
      write: (body, at) => {
        place = at;
        chunks.write(body);
      },
      flush: () => chunks.flush(),
      close: () => chunks.close(),
    };
  } catch (error) {
    ports.logger.log('error', 'the stream cannot be written; the run goes on without', { sessionId, error });
    return silentSink(session.streamSequence);
  }
}

/** Writes nothing. */
export function silentSink(sequence: number): OpenChunkSink {
  return { sequence, write: () => {}, flush: async () => {}, close: async () => {} };
}
