import type { StreamManager, StreamWriter } from '../../contracts/stream-manager.ts';
import { atMost } from '../../ports/at-most.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import { streamIdOf } from '../../session/stream-id.ts';
import { createChunkWriter } from '../../stream/chunk-writer.ts';
import type { LeaseGuard } from '../lease/lease-guard.ts';
import type { OpenChunkSink } from '../owner/chunk-sink.ts';
import { LateSink } from './late-sink.ts';
import { LateWriter } from './late-writer.ts';
import { openStream, type OpenStreamParts } from './open-stream.ts';
import { underLease } from './under-lease.ts';
import { writersHere } from './writers-here.ts';

/** How long a commit waits for a stream that does not answer; readers then get from the record what the stream lacks. */
const patienceMs = 1_000;

export interface ChunkSinkParts extends OpenStreamParts {
  readonly streams: Pick<StreamManager, 'limits' | 'openWriter' | 'deleteStream'>;
}

/**
 * The stream of a session for its owner. A stream store that cannot be reached is no reason not to work: the stream is opened later,
 * and what it never took, readers get from the record.
 */
export async function openChunkSink(
  parts: ChunkSinkParts,
  session: SessionSnapshot,
  lease: LeaseGuard,
): Promise<OpenChunkSink> {
  const writer = await openStream(parts, session, patienceMs);
  const sink = openSink(parts, session, underLease(writer, lease));
  return writer instanceof LateWriter ? new LateSink(sink, session, writer) : sink;
}

function openSink({ streams, ports }: ChunkSinkParts, session: SessionSnapshot, writer: StreamWriter): OpenChunkSink {
  const { sessionId, agentType } = session;
  const { clock, logger } = ports;
  const origin = { agentId: sessionId, agentType, runId: session.run?.runId ?? '' };
  const chunks = createChunkWriter({ writer, origin, maxChunkBytes: streams.limits.maxChunkBytes, clock, logger });
  const streamId = streamIdOf(session);
  const here = writersHere(streams).set(streamId, chunks);
  const forget = () => void (here.get(streamId) === chunks && here.delete(streamId));
  const soonEnough = async (work: Promise<void>) => void (await atMost(clock, patienceMs, work));
  return {
    get sequence() {
      return chunks.sequence;
    },
    sure: undefined,
    get flushed() {
      return chunks.flushed;
    },
    write: (body, place) => chunks.write(body, place),
    stands: () => {},
    flush: () => {
      const flushed = chunks.flush();
      return chunks.flushed ? flushed : soonEnough(flushed);
    },
    // The run is over: its result does not wait for a stream that never answers.
    close: async () => {
      if (await atMost(clock, patienceMs, chunks.close().finally(forget))) return;
      logger.log('warn', 'the stream does not answer; nobody waits for its last chunks', { sessionId });
    },
  };
}
