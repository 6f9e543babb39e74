import type { PrepareReconnectToStreamRequest } from 'ai';

/** What the page was drawn from. */
export interface ReconnectOptions {
  /** `streamSequence` of the snapshot; a function where the page takes new snapshots. */
  readonly after: number | (() => number);
}

/**
 * For `prepareReconnectToStreamRequest` of `DefaultChatTransport`: names the position of the page's snapshot, so that a reply
 * that ended between the snapshot and this request is told, too.
 */
export function prepareHelixReconnectRequest({ after }: ReconnectOptions): PrepareReconnectToStreamRequest {
  return ({ api, id }) => {
    const position = typeof after === 'function' ? after() : after;
    return { api: `${api}/${encodeURIComponent(id)}/stream?after=${position}` };
  };
}
