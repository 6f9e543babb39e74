import type { PrepareReconnectToStreamRequest } from 'ai';
import type { ChatSnapshot } from '../messages/build-snapshot.ts';

/** How much of a chat a page has. */
export type ReconnectPosition = Pick<ChatSnapshot, 'streamSequence' | 'endedRunId'>;

/** What the page was drawn from. */
export interface ReconnectOptions {
  /**
   * The snapshot; a function where the page takes new ones. Its `streamSequence` alone will do, but says nothing of how the last run
   * ended: a run that failed or was stopped is told again then.
   */
  readonly after: number | ReconnectPosition | (() => number | ReconnectPosition);
}

/**
 * For `prepareReconnectToStreamRequest` of `DefaultChatTransport`: names the snapshot of the page, so that a reply that ended between
 * the snapshot and this request is told, too, and one whose end the page has is not.
 */
export function prepareHelixReconnectRequest({ after }: ReconnectOptions): PrepareReconnectToStreamRequest {
  return ({ api, id }) => {
    const position = typeof after === 'function' ? after() : after;
    return { api: `${api}/${encodeURIComponent(id)}/stream?${queryOf(position)}` };
  };
}

function queryOf(position: number | ReconnectPosition): string {
  if (typeof position === 'number') return `after=${position}`;
  const { streamSequence, endedRunId } = position;
  return `after=${streamSequence}${endedRunId === null ? '' : `&ended=${encodeURIComponent(endedRunId)}`}`;
}
