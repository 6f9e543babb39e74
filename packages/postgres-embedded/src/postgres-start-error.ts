interface ErrorRow {
  /** Whether the same call may succeed later with nothing changed here. */
  readonly retryable: boolean;
  readonly nextStep: string;
}

const useYourOwn = 'use a Postgres server of your own by its connection string';

const errorTable = {
  postgres_option_invalid: { retryable: false, nextStep: 'Correct the option that the message names.' },
  postgres_platform_unsupported: {
    retryable: false,
    nextStep: `Start this under Linux, macOS or WSL, or ${useYourOwn}.`,
  },
  postgres_binaries_missing: {
    retryable: false,
    nextStep: `Install again without omitting optional dependencies, or ${useYourOwn}.`,
  },
  postgres_binaries_unusable: {
    retryable: false,
    nextStep: `Start this on a glibc-based Linux or on macOS, or ${useYourOwn}.`,
  },
  postgres_cache_unsafe: {
    retryable: false,
    nextStep: 'Remove that folder, or set TMPDIR to a folder that only you can write.',
  },
  postgres_no_unprivileged_user: {
    retryable: false,
    nextStep: `Start this as a user other than root, or ${useYourOwn}.`,
  },
  postgres_data_dir_in_use: {
    retryable: true,
    nextStep: 'Stop the other server, or choose another dataDir. One whose program was killed ends within seconds.',
  },
  postgres_data_dir_other_version: {
    retryable: false,
    nextStep: 'Choose another dataDir, or go back to the release that made this one and dump its data first.',
  },
  postgres_data_dir_foreign: { retryable: false, nextStep: 'Choose an empty or new folder as dataDir.' },
  postgres_data_dir_not_permitted: {
    retryable: false,
    nextStep: 'Choose a dataDir that this user may write and that was not made by another user.',
  },
  postgres_port_taken: { retryable: true, nextStep: 'Stop what listens there, or leave the option port out.' },
  postgres_port_not_permitted: {
    retryable: false,
    nextStep: 'Choose a port above 1023, or leave the option port out.',
  },
  postgres_setting_refused: { retryable: false, nextStep: 'Correct the entry of the option settings.' },
  postgres_start_timeout: { retryable: true, nextStep: 'Try again, or raise the option timeoutMs.' },
  postgres_start_failed: {
    retryable: false,
    nextStep: 'Read the last lines of the server, and report this if they do not help.',
  },
} as const satisfies Record<string, ErrorRow>;

/** Why a server did not start. The part before the first `_` is the category. Codes keep their meaning for ever. */
export type PostgresStartErrorCode = keyof typeof errorTable;

/** A server did not start. The message says what happened and one next step. Nothing is left running or lying about. */
export class PostgresStartError extends Error {
  override readonly name = 'PostgresStartError';
  readonly category = 'postgres';
  readonly code: PostgresStartErrorCode;
  readonly retryable: boolean;
  /** What happened: the message without the next step. */
  readonly what: string;
  readonly nextStep: string;

  /** @param what - A sentence. */
  constructor(code: PostgresStartErrorCode, what: string, options: { cause?: unknown; nextStep?: string } = {}) {
    const { retryable, nextStep } = errorTable[code];
    super(`${what} ${options.nextStep ?? nextStep}`, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.what = what;
    this.retryable = retryable;
    this.nextStep = options.nextStep ?? nextStep;
  }
}
