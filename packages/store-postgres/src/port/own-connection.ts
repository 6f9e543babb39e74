import { HelixError } from '@helix-agents/core';
import type { PgClient } from './pg-pool.ts';
import { lastOf } from './run-query.ts';

/** So often a pooler has the chance to pass the connection on. One that rests gives each the one it used last, another one gives turns. */
const rounds = 3;
const timeoutMs = 10_000;

/**
 * Refuses a client whose connection of the server a pooler gives to others between two transactions: what it leaves there, a lock or
 * LISTEN, they would have, and it would not. Nothing else would say so: a lock seems free while its process lives, and no notice comes.
 *
 * A server tells each client which of its processes serves it. Where another one answers, something stands between, and whether that
 * passes connections on is seen when another client asks in turns with this one.
 *
 * @throws HelixError `state_store_unsuitable`
 */
export async function mustHaveOwnConnection(client: PgClient, openOther: () => Promise<PgClient>): Promise<void> {
  if (typeof client.processID !== 'number') return;
  const own = await backendOf(client);
  if (own === client.processID) return;
  const other = await openOther();
  try {
    for (let round = 0; round < rounds; round += 1) {
      if ((await backendOf(other)) === own) throw passedOn();
      // Twice: of two that take turns, the second time meets the other one.
      if ((await backendOf(client)) !== own || (await backendOf(client)) !== own) throw passedOn();
    }
  } catch (error) {
    // It may not have answered: the next statement would wait behind this one.
    other.release(true);
    throw error;
  }
  other.release();
}

async function backendOf(client: PgClient): Promise<number | undefined> {
  const answer = await client.query({ text: 'select pg_backend_pid() as backend', query_timeout: timeoutMs });
  const [row] = lastOf(answer).rows as { backend: number }[];
  return row?.backend;
}

function passedOn(): HelixError {
  return new HelixError(
    'state_store_unsuitable',
    'a pooler in front of this Postgres gives out its connections for a transaction at a time, so that locks and LISTEN are lost: ' +
      'give both stores { prepared: false, poll: true }, or the address of the server itself',
  );
}
