import { HelixError } from '@helix-agents/core';
import { sqlState } from '../port/sql-state.ts';

/**
 * What a failed statement means. `again`: it may or may not have had its effect, and may succeed later. `schema`: our tables are
 * not there, or others. `refused`: it can never succeed with these data; nothing changed.
 */
export type FailureKind = 'again' | 'schema' | 'refused';

const missing = new Set(['3F000', '42P01', '42703', '42883', '42P10']);
/**
 * Classes: connection, state of its transaction (also read-only: a replica that is being promoted), authorization (a password that
 * is being changed), transaction rollback, database not there (it is being restored), resources, operator intervention, system,
 * internal (also of poolers).
 */
const passing = /^(08|25|28|3D|40|53|57|58|XX)/;
/**
 * Lock not available; in use; a database that takes no connections for now; privilege missing: a run outlives a revoke, as it
 * outlives a wrong password.
 */
const passingCodes = new Set(['55P03', '55006', '55000', '42501']);

export function failureKind(error: unknown): FailureKind {
  const state = sqlState(error);
  if (state === undefined || passing.test(state) || passingCodes.has(state)) return 'again';
  return missing.has(state) ? 'schema' : 'refused';
}

const remedy = 'new PostgresMigrations(port).run() brings it to this release';

/** A failed statement as an error with a code; errors that have one stay as they are. */
export function toHelixError(error: unknown): HelixError {
  if (HelixError.is(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  switch (failureKind(error)) {
    case 'schema':
      return new HelixError('state_schema_mismatch', `the schema in the database does not fit: ${message}; ${remedy}`, {
        cause: error,
      });
    case 'refused':
      return sqlState(error)?.startsWith('22')
        ? new HelixError('input_invalid', `Postgres cannot hold these data: ${message}`, { cause: error })
        : new HelixError('state_store_unavailable', message, { cause: error, retryable: false });
    case 'again':
      return new HelixError(
        isShutOut(error) ? 'state_store_denied' : 'state_store_unavailable',
        `${whatHappened(error)}: ${message}`,
        { cause: error },
      );
  }
}

function whatHappened(error: unknown): string {
  const state = sqlState(error);
  return state === undefined || state.startsWith('08') ? 'Postgres did not answer' : `Postgres refused (${state})`;
}

/**
 * Whether there is no such database, no entry to it, or a right is missing: only other settings change that, if nobody is at work on
 * the server.
 */
function isShutOut(error: unknown): boolean {
  return /^(28|3D)/.test(sqlState(error) ?? '') || isDenied(error);
}

/** Whether the statement names a table that is not there. */
export function isMissingTable(error: unknown): boolean {
  return sqlState(error) === '42P01';
}

/** Whether the role may not do that. */
export function isDenied(error: unknown): boolean {
  return sqlState(error) === '42501';
}

/** Whether the statement failed because a row with its key was there already. */
export function isUniqueViolation(error: unknown): boolean {
  return sqlState(error) === '23505';
}

/** Whether the server took the statement back for the sake of others: it had no effect, and is to be run again. */
export function isTakenBack(error: unknown): boolean {
  return ['40001', '40P01'].includes(sqlState(error) ?? '');
}
