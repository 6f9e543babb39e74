import type { PgClient, PgPool } from './pg-pool.ts';

const guarded = new WeakSet<PgClient>();

/**
 * The end of a connection in use is told by its query; an event that nobody hears would end the process. The pool takes its own
 * listener away in the moment in which it gives a client, and who waits for one only gets it later: so the pool itself is heard.
 */
export function guardClients(pool: PgPool): void {
  pool.on('acquire', (client) => {
    if (!guarded.has(client)) client.on('error', () => {});
    guarded.add(client);
  });
}
