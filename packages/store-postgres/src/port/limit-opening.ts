import type { PgPool } from './pg-pool.ts';

type ClientClass = new (config: object) => object;

/**
 * Connections of this pool take no longer than this to open: over a dead network they would fill it for ever. The limit is given
 * to each client, not to the pool, whose own `connectionTimeoutMillis` also ends the waits in its queue, of all who share it.
 * Where the pool has that option, whatever it says is what happens.
 */
export function limitOpening(pool: PgPool, timeoutMs: number): void {
  if (!pool.Client) return;
  pool.Client = class extends (pool.Client as ClientClass) {
    constructor(config: object) {
      super(withLimit(config, timeoutMs));
    }
  };
}

/** A copy by descriptors: the pool keeps its password from being listed. */
function withLimit(config: object & { connectionTimeoutMillis?: number | undefined }, timeoutMs: number): object {
  if (config.connectionTimeoutMillis !== undefined) return config;
  const copy: object = Object.defineProperties({}, Object.getOwnPropertyDescriptors(config));
  return Object.assign(copy, { connectionTimeoutMillis: timeoutMs });
}
