import { HelixError } from '../../errors/helix-error.ts';
import type { CallRecord, CallState } from '../../session/call.ts';

/** A page of HTML, or an issue for each of a thousand items, would be read by the model again at each step. */
const maxMessageLength = 10_000;

/** The end of a call that failed, with what the model is told of it. */
export function failedState(error: HelixError): CallState {
  const detail = error.toDetail();
  const beyond = detail.message.length - maxMessageLength;
  if (beyond <= 0) return { at: 'failed', error: detail };
  const begin = detail.message.slice(0, maxMessageLength).toWellFormed();
  return { at: 'failed', error: { ...detail, message: `${begin} … and ${beyond} characters more` } };
}

/** A call whose tool the agent had when it was made, and has not any more. */
export function withoutTool({ toolName }: CallRecord): CallState {
  return failedState(new HelixError('tool_not_found', `the tool ${toolName} is not there any more`));
}
