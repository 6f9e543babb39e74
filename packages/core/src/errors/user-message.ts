import { errorTable, type ErrorCode } from './error-table.ts';

/** The short text of a code that may be shown to any user. */
export function userMessageFor(code: ErrorCode): string {
  return errorTable[code].userMessage;
}
