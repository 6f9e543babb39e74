import type { CallRecord } from '../../session/call.ts';
import type { Owner } from '../owner/owner.ts';

const running = Symbol('running');

/** Tells the developer of a tool whose body did not end when it was told to stop: it may keep its process from ending. */
export async function logLeftBehind(owner: Owner, call: CallRecord, body: Promise<unknown>): Promise<void> {
  if ((await Promise.race([body, Promise.resolve(running)])) !== running) return;
  const { session, parts } = owner;
  const { callId: toolCallId, toolName: tool } = call;
  const { sessionId, run } = session;
  const message = 'a tool still runs after it was told to stop; nobody waits for it any more';
  parts.ports.logger.log('warn', message, { sessionId, runId: run?.runId, tool, toolCallId });
}
