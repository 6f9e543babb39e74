import type { StreamManager, StreamWriter } from '../../contracts/stream-manager.ts';
import { HelixError } from '../../errors/helix-error.ts';
import { atMost } from '../../ports/at-most.ts';
import type { RuntimePorts } from '../../ports/ports.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import { streamIdOf } from '../../session/stream-id.ts';
import { createChunkWriter } from '../../stream/chunk-writer.ts';
import type { LeaseGuard } from '../lease/lease-guard.ts';
import type { ChunkSink } from '../owner/chunk-sink.ts';
import { LateWriter } from './late-writer.ts';
import { removeLateStream, type LateStreamParts } from './remove-late-stream.ts';
import { writersHere } from './writers-here.ts';

/** How long a commit waits for a stream that does not answer; readers then get from the record what the stream lacks. */
const flushPatienceMs = 1_000;

/** A sink that can be closed: what it holds is written, then it writes nothing more. */
export interface OpenChunkSink extends ChunkSink {
  close(): Promise<void>;
}

export interface ChunkSinkParts extends LateStreamParts {
  readonly streams: Pick<StreamManager, 'limits' | 'openWriter' | 'deleteStream'>;
  readonly ports: RuntimePorts;
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
  const { streams, ports } = parts;
  const { sessionId, agentType, streamSequence, step } = session;
  const streamId = streamIdOf(session);
  const opened = await openWriter(parts, session);
  const writer = underLease(opened, lease);
  const origin = { agentId: sessionId, agentType, runId: session.run?.runId ?? '' };
  const { maxChunkBytes } = streams.limits;
  const chunks = createChunkWriter({ writer, origin, maxChunkBytes, clock: ports.clock, logger: ports.logger });
  const here = writersHere(streams).set(streamId, chunks);
  const forget = () => void (here.get(streamId) === chunks && here.delete(streamId));
  const isLate = opened instanceof LateWriter;
  // What a former owner left behind the record is not known then. Also a run that says nothing takes it back.
  let owesRewound = isLate;
  const rewind = () => {
    if (owesRewound)
      chunks.write({ type: 'rewound', toSequence: streamSequence }, { step: step?.step ?? 0, attempt: 1 });
    owesRewound = false;
  };
  const soonEnough = async (work: Promise<void>) => void (await atMost(ports.clock, flushPatienceMs, work));
  return {
    get sequence() {
      return chunks.sequence;
    },
    get flushed() {
      return chunks.flushed && !owesRewound;
    },
    write: (body, place) => {
      rewind();
      chunks.write(body, place);
      // It names a position as this owner thought of it before the stream said where it stands: too much may be taken back.
      if (isLate && body.type === 'rewound') chunks.write({ type: 'gap' }, place);
    },
    flush: () => {
      rewind();
      const flushed = chunks.flush();
      return chunks.flushed ? flushed : soonEnough(flushed);
    },
    // The run is over: its result does not wait for a stream that never answers.
    close: async () => {
      if (await atMost(ports.clock, flushPatienceMs, chunks.close().finally(forget))) return;
      ports.logger.log('warn', 'the stream does not answer; nobody waits for its last chunks', { sessionId });
    },
  };
}

async function openWriter(parts: ChunkSinkParts, session: SessionSnapshot): Promise<StreamWriter> {
  const { streams, ports } = parts;
  const { sessionId, epoch, run, streamSequence } = session;
  const streamId = streamIdOf(session);
  const former = writersHere(streams).get(streamId);
  const shutOut = () => streams.openWriter(streamId, { runId: run?.runId ?? '', epoch, attempt: 1 });
  // What that one holds comes first: a run may be over before the stream took its last words, and nobody has them but this process.
  const open = () =>
    former && !former.flushed ? atMost(ports.clock, flushPatienceMs, former.flush()).then(shutOut) : shutOut();
  // Nobody waits for that any more: session and stream may be deleted by now, and the stream is there again.
  const late = async (opening: Promise<StreamWriter>) => {
    const writer = await opening;
    await removeLateStream(parts, session);
    return writer;
  };
  try {
    const opening = open();
    if (await atMost(ports.clock, flushPatienceMs, opening)) return await opening;
    ports.logger.log('error', 'the stream does not answer; it is opened later', { sessionId });
    late(opening).catch(() => {});
  } catch (error) {
    ports.logger.log('error', 'the stream cannot be opened; it is tried again', { sessionId, error });
  }
  return new LateWriter(streamSequence, () => late(open()));
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
