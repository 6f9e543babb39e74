import type { SessionRecords } from '../../contracts/session-state-store.ts';
import type { StreamManager } from '../../contracts/stream-manager.ts';
import type { RuntimePorts } from '../../ports/ports.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import { streamIdOf } from '../../session/stream-id.ts';

export interface LateStreamParts {
  readonly store: Pick<SessionRecords, 'head' | 'load'>;
  readonly streams: Pick<StreamManager, 'deleteStream'>;
  readonly ports: Pick<RuntimePorts, 'logger'>;
}

/**
 * For an owner that let go, or opened its stream late: where its session was deleted, also if one was made anew under its id, it may
 * have opened or written the stream after that was deleted, too. Nobody else would remove what it left. Never rejects.
 */
export async function removeLateStream(
  { store, streams, ports }: LateStreamParts,
  session: Pick<SessionSnapshot, 'sessionId' | 'streamId' | 'run'>,
): Promise<void> {
  const { sessionId, run } = session;
  try {
    const head = await store.head(sessionId);
    // No other session has a run of this id. Any other answer needs the snapshot: it says which stream is the session's now.
    if (head && head.runId === run?.runId) return;
    const now = head && (await store.load(sessionId));
    if (!now || isOther(now, session)) await streams.deleteStream(streamIdOf(session));
  } catch (error) {
    ports.logger.log('warn', 'the stream of a session that may be deleted could not be looked after', {
      sessionId,
      error,
    });
  }
}

/**
 * Whether it has another stream. Where one of both names none, a former release made the session or wrote its snapshot: it may be the
 * same one, and with the stream of the id alone, that of the next session would go.
 */
function isOther(now: Pick<SessionSnapshot, 'streamId'>, { streamId }: Pick<SessionSnapshot, 'streamId'>): boolean {
  return now.streamId !== undefined && streamId !== undefined && now.streamId !== streamId;
}
