import { PostgresStartError, type PostgresStartErrorCode } from './postgres-start-error.ts';
import type { ServerPlan, StartFailure } from './supervisor/supervisor-messages.ts';

interface Explanation {
  readonly said: RegExp;
  readonly code: PostgresStartErrorCode;
  readonly what: (plan: Pick<ServerPlan, 'dataDir' | 'port'>) => string;
}

/** What Postgres says on standard error before it ends. Its messages are English: the supervisor takes care of that. */
const explanations: readonly Explanation[] = [
  {
    said: /lock file "postmaster\.pid" (already exists|is empty)|shared memory block .* is still in use/,
    code: 'postgres_data_dir_in_use',
    what: ({ dataDir }) => `Another server runs on ${dataDir}.`,
  },
  {
    said: /could not bind IPv4 address .*: Permission denied/,
    code: 'postgres_port_not_permitted',
    what: ({ port }) => `The user that Postgres runs as may not use port ${port} on 127.0.0.1.`,
  },
  {
    said: /could not bind IPv4 address|could not create any TCP\/IP sockets/,
    code: 'postgres_port_taken',
    what: ({ port }) =>
      port === undefined ? 'No free port was found on 127.0.0.1.' : `Port ${port} on 127.0.0.1 is taken.`,
  },
  {
    said: /database files are incompatible with server/,
    code: 'postgres_data_dir_other_version',
    what: ({ dataDir }) => `${dataDir} holds the data of another version of Postgres.`,
  },
  {
    said: /configuration parameter|for parameter "|requires a (numeric|Boolean) value/,
    code: 'postgres_setting_refused',
    what: () => 'Postgres refused a setting.',
  },
  {
    said: /Permission denied|wrong ownership|Operation not permitted|Read-only file system/,
    code: 'postgres_data_dir_not_permitted',
    what: ({ dataDir }) => `Postgres may not use ${dataDir ?? 'the temporary folder'}.`,
  },
];

/**
 * The error for a server that did not start.
 *
 * @param failure - What the supervisor told; undefined where it ended without a word
 * @param lines - The last lines that Postgres, or the supervisor, logged
 */
export function explainFailure(
  failure: StartFailure | undefined,
  lines: readonly string[],
  plan: Pick<ServerPlan, 'dataDir' | 'port'>,
): PostgresStartError {
  if (failure?.reason === 'refused') return new PostgresStartError(failure.code, failure.what);
  const faults = lines.filter((line) => /FATAL|PANIC|[Ee]rror:|could not/.test(line));
  const said = (faults.length > 0 ? faults : lines).slice(-3).join('\n');
  const { code, what } = explanations.find((each) => each.said.test(faults.join('\n'))) ?? {
    code: 'postgres_start_failed' as const,
    what: () => endOf(failure),
  };
  return new PostgresStartError(code, said === '' ? what(plan) : `${what(plan)} It said:\n${said}\n`);
}

function endOf(failure: Extract<StartFailure, { reason: 'exited' }> | undefined): string {
  if (!failure) return 'The supervising process ended.';
  return `${failure.program} ended with ${failure.exit.signal ?? `exit code ${failure.exit.code}`}.`;
}
