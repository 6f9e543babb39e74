import { HelixError } from '@helix-agents/core';
import type { PostgresPort } from './postgres-port.ts';

/**
 * Refuses what is no port, before anything is asked of it. A pool of `pg` has a `query`, too, and seems to do: but nobody listens to
 * its errors, so that the first connection that is lost ends the process.
 *
 * @throws HelixError `input_invalid`
 */
export function checkPort(port: PostgresPort): void {
  const given = (port ?? {}) as { readonly query?: unknown; readonly connect?: unknown; readonly totalCount?: unknown };
  if (given.connect !== undefined || given.totalCount !== undefined)
    throw new HelixError('input_invalid', 'port is a pool or a client of pg; give createPgAdapter(pool)');
  if (typeof given.query !== 'function')
    throw new HelixError('input_invalid', 'port must have a query, as what createPgAdapter(pool) gives');
}
