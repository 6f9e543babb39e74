import type { ErrorCode } from '../../errors/error-table.ts';
import { HelixError, type ErrorDetail } from '../../errors/helix-error.ts';
import type { CallRecord } from '../../session/call.ts';
import type { Owner } from '../owner/owner.ts';
import { aboutCall } from './about-call.ts';

/** What a body throws that means to tell the model something. The other codes of tools are thrown by us. */
const chosen: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['tool_failed', 'tool_input_invalid']);

/**
 * Tells the developer of a tool that it failed: else only the model hears of it. `error` is what was thrown, or found wrong. Not what
 * a stop may have cut, nor what breaks the run, which is logged as it ends.
 */
export function logFailedTool(owner: Owner, call: CallRecord, { category }: ErrorDetail, error: unknown): void {
  if (owner.isCut || category !== 'tool') return;
  const level = HelixError.is(error) && chosen.has(error.code) ? 'info' : 'warn';
  owner.parts.ports.logger.log(level, 'a tool failed', { ...aboutCall(owner, call), error });
}
