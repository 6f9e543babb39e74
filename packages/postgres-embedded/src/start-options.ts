import { resolve } from 'node:path';
import { PostgresStartError } from './postgres-start-error.ts';

/** How {@link startPostgres} starts a server. */
export interface StartPostgresOptions {
  /**
   * Folder that keeps the data between starts; made when absent. One with files that are not ours is refused. It may lie where only
   * root may enter.
   * Default: a temporary folder that is removed when the server ends.
   */
  readonly dataDir?: string | undefined;
  /** TCP port on 127.0.0.1. Default: a free one. */
  readonly port?: number | undefined;
  /**
   * `full` keeps every commit through a power cut. `none` may lose data then (not when a process dies), and is faster: for tests.
   * Default `full`.
   */
  readonly durability?: 'full' | 'none' | undefined;
  /** Postgres settings by name, such as `{ max_connections: '200' }`. They hold for this start only. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Processes besides this one whose end ends the server too; see {@link npmAncestors}. Default none. */
  readonly alsoEndWith?: readonly number[] | undefined;
  /** Gets each line that the server logs, without its newline. */
  readonly log?: ((line: string) => void) | undefined;
  /** Longest start, recovery after a crash included. Default 60 000. */
  readonly timeoutMs?: number | undefined;
  /** Ends the start. It does not stop a server that has started: that is `stop()`. */
  readonly abortSignal?: AbortSignal | undefined;
}

/** What {@link resolveStartOptions} makes of the options: defaults filled in, nonsense refused. */
export interface ResolvedStartOptions {
  readonly dataDir: string | undefined;
  readonly port: number | undefined;
  /** Whether a new cluster is flushed to disk before it is used. */
  readonly syncNewCluster: boolean;
  /** Everything that the server is told, in order; a later entry wins. */
  readonly settings: readonly (readonly [name: string, value: string])[];
  readonly alsoEndWith: readonly number[];
  readonly timeoutMs: number;
}

/** Only over TCP on this machine: a socket file would need a path that both users reach and that is short enough. */
const ownSettings = { listen_addresses: '127.0.0.1', unix_socket_directories: '' };

/** In the data folder, so that not even a killed server leaves some of it; and /dev/shm is small in containers. */
const defaultSettings = { dynamic_shared_memory_type: 'mmap' };
/** A commit is handed to the system before it is told (synchronous_commit stays on): a backend that is killed loses none. */
const carelessSettings = { fsync: 'off', full_page_writes: 'off' };

/** The returned connection strings and the ownership of the data rest on these. */
const reservedSettings = new Set([
  ...Object.keys(ownSettings),
  'port',
  'data_directory',
  'config_file',
  'hba_file',
  'ident_file',
]);

/** @throws PostgresStartError `postgres_option_invalid` or `postgres_setting_refused`, naming the option. */
export function resolveStartOptions(options: StartPostgresOptions): ResolvedStartOptions {
  refuseUnknown(options);
  const { dataDir, port, durability = 'full', settings = {}, alsoEndWith = [], timeoutMs = 60_000 } = options;
  requireOption(port === undefined || isIntegerWithin(port, 1, 65_535), 'port', 'an integer from 1 to 65535');
  requireOption(durability === 'full' || durability === 'none', 'durability', "'full' or 'none'");
  requireOption(
    alsoEndWith.every((pid) => isIntegerWithin(pid, 1)),
    'alsoEndWith',
    'a list of process ids',
  );
  requireOption(isIntegerWithin(timeoutMs, 1), 'timeoutMs', 'a positive integer');
  requireOption(dataDir !== '', 'dataDir', 'a path');
  const careless = durability === 'none' ? carelessSettings : {};
  return {
    dataDir: dataDir === undefined ? undefined : resolve(dataDir),
    port,
    syncNewCluster: dataDir !== undefined && durability === 'full',
    settings: Object.entries({ ...ownSettings, ...defaultSettings, ...careless, ...acceptedSettings(settings) }),
    alsoEndWith,
    timeoutMs,
  };
}

const known: readonly string[] = [
  'dataDir',
  'port',
  'durability',
  'settings',
  'alsoEndWith',
  'log',
  'timeoutMs',
  'abortSignal',
] satisfies (keyof StartPostgresOptions)[];

/** A typing error in `dataDir` would start a server whose data goes with it. */
function refuseUnknown(options: StartPostgresOptions): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new PostgresStartError(
    'postgres_option_invalid',
    `startPostgres has no option ${unknown}; there are ${known.join(', ')}.`,
  );
}

function acceptedSettings(settings: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const reserved = Object.keys(settings).find((name) => reservedSettings.has(name.toLowerCase()));
  if (reserved === undefined) return settings;
  throw new PostgresStartError('postgres_setting_refused', `startPostgres decides the setting "${reserved}" itself.`);
}

function requireOption(valid: boolean, name: string, expected: string): void {
  if (!valid)
    throw new PostgresStartError('postgres_option_invalid', `The option ${name} of startPostgres is not ${expected}.`);
}

function isIntegerWithin(value: number, lowest: number, highest = Number.MAX_SAFE_INTEGER): boolean {
  return Number.isInteger(value) && value >= lowest && value <= highest;
}
