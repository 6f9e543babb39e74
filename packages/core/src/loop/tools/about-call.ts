import type { CallRecord } from '../../session/call.ts';
import type { Owner } from '../owner/owner.ts';

/** What a line of the log says of the call that it is about. */
export function aboutCall({ session: { sessionId, run } }: Owner, { callId, toolName }: CallRecord) {
  return { sessionId, runId: run?.runId, tool: toolName, toolCallId: callId };
}
