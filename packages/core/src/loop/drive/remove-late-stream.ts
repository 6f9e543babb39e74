import type { SessionRecords } from '../../contracts/session-state-store.ts';
import type { StreamManager } from '../../contracts/stream-manager.ts';
import type { RuntimePorts } from '../../ports/ports.ts';

export interface LateStreamParts {
  readonly store: Pick<SessionRecords, 'head'>;
  readonly streams: Pick<StreamManager, 'deleteStream'>;
  readonly ports: Pick<RuntimePorts, 'logger'>;
}

/**
 * For an owner that let go: where its session was deleted, it may have opened or written the stream after that was deleted, too.
 * Nobody else would remove what it left. Never rejects.
 */
export async function removeLateStream({ store, streams, ports }: LateStreamParts, sessionId: string): Promise<void> {
  try {
    if ((await store.head(sessionId)) === null) await streams.deleteStream(sessionId);
  } catch (error) {
    ports.logger.log('warn', 'the stream of a session that may be deleted could not be looked after', {
      sessionId,
      error,
    });
  }
}
