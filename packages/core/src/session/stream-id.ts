import { HelixError } from '../errors/helix-error.ts';
import type { SessionSnapshot } from './snapshot.ts';

const allowed = /^[A-Za-z0-9_-]{1,100}(\.[A-Za-z0-9_-]{1,100})?$/;

/** The stream that a session has for itself. A session of a release that named none has the one of its own id. */
export function streamIdOf({ sessionId, streamId }: Pick<SessionSnapshot, 'sessionId' | 'streamId'>): string {
  return streamId ?? sessionId;
}

/**
 * The stream of a session that begins with this run: no other session had it, also none that was deleted under the same id. The last
 * digits of a UUIDv7 are chance: enough to tell a few sessions apart, and a stream may have its id in each of many rows. A host may
 * make its ids of other characters than these.
 */
export function newStreamId(sessionId: string, firstRunId: string): string {
  return `${sessionId}.${firstRunId.slice(-12).replaceAll(/[^A-Za-z0-9_-]/g, '_')}`;
}

/** Checks the id of a stream: that of a session, or that and a dot and a name below it. Answers it unchanged. */
export function checkStreamId(streamId: string): string {
  if (typeof streamId === 'string' && allowed.test(streamId)) return streamId;
  throw new HelixError(
    'input_invalid',
    `streamId must be the id of a session, and may go on with a dot and a name, got ${JSON.stringify(streamId)?.slice(0, 220)}`,
  );
}
