import { StreamDropError } from '@helix-agents/core';

type Fetch = typeof globalThis.fetch;

/** What {@link fetchWithIdleTimeout} takes. */
export interface IdleTimeoutOptions {
  /**
   * Milliseconds of silence after which a connection counts as lost. Default 45,000: three of the server's signs of life. While a
   * request is sent nothing is heard: give more where pages send large files over slow lines.
   */
  readonly idleTimeoutMs?: number | undefined;
  /** What asks. Default: the global one. */
  readonly fetch?: Fetch | undefined;
}

/**
 * For `fetch` of `DefaultChatTransport`: fails with a `StreamDropError` where nothing is heard any more, before the answer or in its
 * middle. A network that was changed, or a server that lost its power, ends no connection: without this a page would wait for as
 * long as it is open. A reply that is silent is not cut off, since the server says every 15 seconds that it is there.
 */
export function fetchWithIdleTimeout({
  idleTimeoutMs = 45_000,
  fetch = globalThis.fetch,
}: IdleTimeoutOptions = {}): Fetch {
  return async (input, init) => {
    const idle = new AbortController();
    const signal = init?.signal ? AbortSignal.any([init.signal, idle.signal]) : idle.signal;
    const heard = <T>(wait: Promise<T>): Promise<T> =>
      inTime(wait, idleTimeoutMs).catch((error: unknown) => {
        idle.abort(error);
        throw error;
      });
    const response = await heard(fetch(input, { ...init, signal }));
    return response.body ? new Response(heardBody(response.body, heard), response) : response;
  };
}

/** Waits only while somebody reads: a slow reader is no silence of the server. */
function heardBody<T>(body: ReadableStream<T>, heard: <R>(wait: Promise<R>) => Promise<R>): ReadableStream<T> {
  const reader = body.getReader();
  return new ReadableStream<T>({
    async pull(controller) {
      const next = await heard(reader.read());
      if (next.done) controller.close();
      else controller.enqueue(next.value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

async function inTime<T>(wait: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StreamDropError(`nothing was heard for ${ms} ms`)), ms);
  });
  return Promise.race([wait, late]).finally(() => clearTimeout(timer));
}
