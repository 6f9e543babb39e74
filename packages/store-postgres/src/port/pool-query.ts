import type { ConnectionQueue } from './connection-queue.ts';
import { isAnswer } from './is-answer.ts';
import type { PgClient } from './pg-adapter.ts';

/**
 * Runs statements and gives their connection back. Their time begins when they are sent: a connection that had all of it without an
 * answer is not used again, since nobody knows what it would answer to the next.
 */
export async function runThenRelease<Result>(
  client: PgClient,
  connections: Pick<ConnectionQueue, 'release'>,
  run: (client: PgClient) => Promise<Result>,
  timeoutMs: number | undefined,
): Promise<Result> {
  try {
    const result = await within(timeoutMs, run(guarded(client)));
    connections.release(client);
    return result;
  } catch (error) {
    client.release(!isAnswer(error));
    throw error;
  }
}

function within<Result>(timeoutMs: number | undefined, answer: Promise<Result>): Promise<Result> {
  if (timeoutMs === undefined) return answer;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
    answer.then(
      (result) => {
        clearTimeout(timer);
        return resolve(result);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

const guardedClients = new WeakSet<PgClient>();

/** The end of a connection in use is told by its query; an event that nobody hears would end the process. */
function guarded(client: PgClient): PgClient {
  if (!guardedClients.has(client)) client.on('error', () => {});
  guardedClients.add(client);
  return client;
}
