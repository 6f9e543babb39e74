import { mayStillRun, NoAnswer } from './cancel-statement.ts';
import type { ConnectionQueue } from './connection-queue.ts';
import { isAnswer } from './is-answer.ts';
import type { PgClient, PgQuery, PgRows } from './pg-pool.ts';
import { runQuery } from './run-query.ts';

/**
 * Runs a statement and gives its connection back. Its time begins when it is sent: a connection that had all of it without an
 * answer is not used again, since nobody knows what it would answer to the next.
 */
export async function queryThenRelease(
  client: PgClient,
  connections: Pick<ConnectionQueue, 'release' | 'cancel'>,
  query: PgQuery,
  timeoutMs?: number,
): Promise<PgRows> {
  try {
    const result = await within(timeoutMs, runQuery(client, query));
    connections.release(client);
    return result;
  } catch (error) {
    // Before the connection goes: a pooler knows by it whose statement is meant.
    if (mayStillRun(error)) void connections.cancel(client).then(() => client.release(true));
    else client.release(!isAnswer(error));
    throw error;
  }
}

function within(timeoutMs: number | undefined, answer: Promise<PgRows>): Promise<PgRows> {
  if (timeoutMs === undefined) return answer;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new NoAnswer(timeoutMs)), timeoutMs);
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
