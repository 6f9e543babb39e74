import { sqlState } from './sql-state.ts';

/**
 * Whether the server answered, and the connection goes on: it ends with failures of the connection and of the server itself. Also
 * with what is wrong with its transaction (25): the next statement would hear the same of a server that is read-only since another
 * took its place, and of a transaction that somebody left open.
 */
export function isAnswer(error: unknown): boolean {
  return /^(?!08|25|57P|58)\d/.test(sqlState(error) ?? '');
}
