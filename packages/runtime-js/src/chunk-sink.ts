import {
  atMost,
  createChunkWriter,
  HelixError,
  silentSink,
  type ChunkSink,
  type LeaseGuard,
  type RuntimePorts,
  type SessionSnapshot,
  type StreamManager,
  type StreamWriter,
} from '@helix-agents/core';

/** How long a commit waits for a stream that does not answer; readers then get from the record what the stream lacks. */
const flushPatienceMs = 1_000;

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
  lease: LeaseGuard,
): Promise<OpenChunkSink> {
  const { sessionId, agentType, epoch } = session;
  const runId = session.run?.runId ?? '';
  try {
    const writer = underLease(await streams.openWriter(sessionId, { runId, epoch, attempt: 1 }), lease);
    const origin = { agentId: sessionId, agentType, runId };
    const { maxChunkBytes } = streams.limits;
    const chunks = createChunkWriter({ writer, origin, maxChunkBytes, clock: ports.clock, logger: ports.logger });
    const soonEnough = async (work: Promise<void>) => void (await atMost(ports.clock, flushPatienceMs, work));
    return {
      get sequence() {
        return chunks.sequence;
      },
      get flushed() {
        return chunks.flushed;
      },
      write: (body, place) => chunks.write(body, place),
      flush: () => {
        const flushed = chunks.flush();
        return chunks.flushed ? flushed : soonEnough(flushed);
      },
      // The run is over: its result does not wait for a stream that never answers.
      close: async () => {
        if (await atMost(ports.clock, flushPatienceMs, chunks.close())) return;
        ports.logger.log('warn', 'the stream does not answer; nobody waits for its last chunks', { sessionId });
      },
    };
  } catch (error) {
    ports.logger.log('error', 'the stream cannot be written; the run goes on without', { sessionId, error });
    return silentSink(session.streamSequence);
  }
}

/** An owner that may have lost its lease writes no chunk (S15): it waits until it knows, and then is fenced or goes on. */
function underLease(writer: StreamWriter, lease: LeaseGuard): StreamWriter {
  return {
    startSequence: writer.startSequence,
    append: (batchNo, chunks) => {
      if (lease.mayStartEffect()) return writer.append(batchNo, chunks);
      return lease.untilSafe().then(() => writer.append(batchNo, chunks), fenced);
    },
  };
}

function fenced(cause: unknown): never {
  throw new HelixError('stream_fenced', 'the lease of this writer has ended', { cause });
}
