import type { ErrorCode } from './error-table.ts';
import { HelixError } from './helix-error.ts';

/** Whether what was thrown is an error of ours with this code. */
export function hasCode(thrown: unknown, code: ErrorCode): boolean {
  return HelixError.is(thrown) && thrown.code === code;
}
