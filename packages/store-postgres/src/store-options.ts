import { HelixError, refuseUnknown, resolvePorts, takeoverGraceMs, type Clock } from '@helix-agents/core';
import { Database } from './database/database.ts';
import { tablesOf, type Tables } from './database/tables.ts';
import { checkPort } from './port/check-port.ts';
import type { PostgresPort } from './port/postgres-port.ts';

/** How a store reaches its tables. State store and stream manager of one database take the same. */
export interface PostgresOptions {
  readonly port: PostgresPort;
  /** Where the tables are. Default `helix`. */
  readonly schema?: string | undefined;
  /** First part of every key: sessions of different scopes never meet. Default `''`. */
  readonly scope?: string | undefined;
  /** Named prepared statements; `false` behind a transaction pooler that does not keep them. Default true. */
  readonly prepared?: boolean | undefined;
  /**
   * Look for news every `pollMs` in place of LISTEN, and hold leases by the clock alone: needed behind a transaction pooler.
   * Default: only where the port cannot listen.
   */
  readonly poll?: boolean | undefined;
  /** Where `poll` is on: how much later than written news of other processes, a stop among them, may be seen. Default 1,000. */
  readonly pollMs?: number | undefined;
  /** How long one statement may take before it counts as lost. Default 5,000. */
  readonly statementTimeoutMs?: number | undefined;
  /** How long a commit is repeated before its outcome is unknown. Default 10,000. */
  readonly commitTimeoutMs?: number | undefined;
  /** How long after the end of a lease others leave its sessions alone. Default 10,000. */
  readonly takeoverGraceMs?: number | undefined;
  /**
   * How long a server that starts anew waits for the processes that held leases on it to come back. Default 15,000; 0 where none can:
   * the server is one that this process started for itself, at an address of its own.
   */
  readonly restartGraceMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

export interface ResolvedOptions {
  readonly port: PostgresPort;
  readonly database: Database;
  readonly tables: Tables;
  readonly scope: string;
  readonly poll: boolean;
  readonly pollMs: number;
  readonly commitTimeoutMs: number;
  readonly takeoverGraceMs: number;
  readonly restartGraceMs: number;
  readonly clock: Clock;
}

const options = {
  known: [
    'port',
    'schema',
    'scope',
    'prepared',
    'poll',
    'pollMs',
    'statementTimeoutMs',
    'commitTimeoutMs',
    'takeoverGraceMs',
    'restartGraceMs',
    'clock',
  ] satisfies (keyof PostgresOptions)[],
};

/** One that listens, one that holds the lock, and one for statements: with less they would wait for a connection for ever. */
const leastConnections = 3;

/** @throws HelixError `input_invalid`, naming the option */
export function resolveOptions(given: PostgresOptions): ResolvedOptions {
  refuseUnknown('options.', given, options);
  checkPort(given.port);
  const { port, scope = '', prepared = true, poll = !port.listen } = given;
  if (!/^[A-Za-z0-9_-]{0,100}$/.test(scope)) {
    throw new HelixError('input_invalid', `scope must be at most 100 of A-Z a-z 0-9 _ -, got ${JSON.stringify(scope)}`);
  }
  if (!poll && port.maxConnections !== undefined && port.maxConnections < leastConnections) {
    throw new HelixError(
      'input_invalid',
      `max of the pool must be at least ${leastConnections}, got ${port.maxConnections}: one listens, one holds the lock of the process, ` +
        'one carries statements. Better 6; poll: true does with fewer',
    );
  }
  const { random, clock: system } = resolvePorts();
  const { clock = system } = given;
  const statementTimeoutMs = milliseconds('statementTimeoutMs', given.statementTimeoutMs ?? 5_000, 1);
  return {
    port,
    database: new Database(port, { clock, random, prepared, statementTimeoutMs }),
    tables: tablesOf(given.schema ?? 'helix'),
    scope,
    poll: poll || !port.listen,
    pollMs: milliseconds('pollMs', given.pollMs ?? 1_000, 1),
    commitTimeoutMs: milliseconds('commitTimeoutMs', given.commitTimeoutMs ?? 10_000, 1),
    takeoverGraceMs: milliseconds('takeoverGraceMs', given.takeoverGraceMs ?? takeoverGraceMs),
    restartGraceMs: milliseconds('restartGraceMs', given.restartGraceMs ?? 15_000),
    clock,
  };
}

function milliseconds(name: string, value: number, least = 0): number {
  if (Number.isFinite(value) && value >= least) return value;
  throw new HelixError('input_invalid', `${name} must be a number of milliseconds, at least ${least}, got ${value}`);
}
