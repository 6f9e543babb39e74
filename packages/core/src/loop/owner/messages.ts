import type { CallRecord } from '../../session/call.ts';
import type { MessagePart, MessageRole, NewMessage } from '../../session/message.ts';
import { outcomeOf } from '../../session/outcome-of.ts';
import type { Owner } from './owner.ts';

/** A message of the run that is worked on. */
export function newMessage(owner: Owner, role: MessageRole, parts: readonly MessagePart[], step?: number): NewMessage {
  const { clock, ids } = owner.parts.ports;
  const base = { v: 1, id: ids.next('msg'), role, parts, runId: owner.run.runId, createdAt: clock.now() } as const;
  return step === undefined ? base : { ...base, step };
}

/** The message that holds the result of a call. */
export function resultMessage(owner: Owner, call: CallRecord, step: number): NewMessage {
  const { callId: toolCallId, toolName } = call;
  return newMessage(owner, 'tool', [{ type: 'tool-result', toolCallId, toolName, outcome: outcomeOf(call) }], step);
}
