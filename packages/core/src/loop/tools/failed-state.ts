import { HelixError } from '../../errors/helix-error.ts';
import type { CallRecord, CallState } from '../../session/call.ts';

/** The end of a call that failed, with what the model is told of it. */
export function failedState(error: HelixError): CallState {
  return { at: 'failed', error: error.toDetail() };
}

/** A call whose tool the agent had when it was made, and has not any more. */
export function withoutTool({ toolName }: CallRecord): CallState {
  return failedState(new HelixError('tool_not_found', `the tool ${toolName} is not there any more`));
}
