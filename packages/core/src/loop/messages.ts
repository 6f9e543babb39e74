import type { MessagePart, MessageRole, NewMessage, ProviderMetadata, ToolOutcome } from '../session/message.ts';
import type { CallRecord } from '../session/call.ts';
import { HelixError } from '../errors/helix-error.ts';
import { toJson } from '../json.ts';
import type { StepResult } from '../contracts/llm-adapter.ts';
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

/** What a final ledger row says to the model. */
export function outcomeOf({ callId, state }: CallRecord): ToolOutcome {
  switch (state.at) {
    case 'settled':
      return { type: 'result', value: state.result };
    case 'failed':
      return { type: 'error', error: state.error };
    case 'not-executed':
      return { type: 'not-executed', reason: state.reason, ...(state.note !== undefined && { note: state.note }) };
    case 'unknown':
      return { type: 'unknown', note: state.note };
    default:
      throw new HelixError('framework_internal', `call ${callId} has no outcome yet`);
  }
}

/** The parts of a reply: in the provider's order where the adapter kept it. The ledger says what a call's input is. */
export function replyParts(result: Exclude<StepResult, { type: 'error' }>): MessagePart[] {
  if (result.parts) return result.parts.map(ownPart);
  const { thinking, content } = result;
  const calls = result.type === 'tool_calls' ? result.toolCalls : [];
  return [
    ...(thinking ? [{ type: 'reasoning' as const, text: thinking.content, ...withMetadata(thinking) }] : []),
    ...(content ? [{ type: 'text' as const, text: content }] : []),
    ...calls.map((call) => ({
      type: 'tool-call' as const,
      toolCallId: call.id,
      toolName: call.name,
      input: {},
      ...withMetadata(call),
    })),
  ];
}

/** The adapter's own objects stay the adapter's. A part is JSON by its type, and so is its copy. */
function ownPart(part: MessagePart): MessagePart {
  return toJson(part.type === 'tool-call' ? { ...part, input: {} } : part) as unknown as MessagePart;
}

function withMetadata({ providerMetadata }: { readonly providerMetadata?: ProviderMetadata }): {
  providerMetadata?: ProviderMetadata;
} {
  return providerMetadata ? { providerMetadata: toJson(providerMetadata) as ProviderMetadata } : {};
}
