import type { StreamManager, StreamWriter } from '../../contracts/stream-manager.ts';
import { atMost } from '../../ports/at-most.ts';
import type { RuntimePorts } from '../../ports/ports.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import { streamIdOf } from '../../session/stream-id.ts';
import { LateWriter } from './late-writer.ts';
import { removeLateStream, type LateStreamParts } from './remove-late-stream.ts';
import { writersHere } from './writers-here.ts';

export interface OpenStreamParts extends LateStreamParts {
  readonly streams: Pick<StreamManager, 'openWriter' | 'deleteStream'>;
  readonly ports: RuntimePorts;
}

/** Opens the stream of a session, and waits for it no longer than this: one that cannot be reached is opened later. */
export async function openStream(
  parts: OpenStreamParts,
  session: SessionSnapshot,
  patienceMs: number,
): Promise<StreamWriter> {
  const { streams, ports } = parts;
  const { sessionId, epoch, run, streamSequence } = session;
  const streamId = streamIdOf(session);
  const former = writersHere(streams).get(streamId);
  const shutOut = () => streams.openWriter(streamId, { runId: run?.runId ?? '', epoch, attempt: 1 });
  // What that one holds comes first: a run may be over before the stream took its last words, and nobody has them but this process.
  const open = () =>
    former && !former.flushed ? atMost(ports.clock, patienceMs, former.flush()).then(shutOut) : shutOut();
  // Nobody waits for that any more: session and stream may be deleted by now, and the stream is there again.
  const late = async (opening: Promise<StreamWriter>) => {
    const writer = await opening;
    await removeLateStream(parts, session);
    return writer;
  };
  try {
    const opening = open();
    if (await atMost(ports.clock, patienceMs, opening)) return await opening;
    ports.logger.log('error', 'the stream does not answer; it is opened later', { sessionId });
    late(opening).catch(() => {});
  } catch (error) {
    ports.logger.log('error', 'the stream cannot be opened; it is tried again', { sessionId, error });
  }
  return new LateWriter(streamSequence, () => late(open()));
}
