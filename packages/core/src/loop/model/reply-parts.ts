import type { StepResult } from '../../contracts/llm-adapter.ts';
import type { MessagePart, ProviderMetadata } from '../../session/message.ts';
import { toJson } from '../../values/json.ts';

/** What the model answered. */
export type Reply = Exclude<StepResult, { type: 'error' }>;

/** The parts of a reply: in the provider's order where the adapter kept it. The ledger says what a call's input is. */
export function replyParts(result: Reply): MessagePart[] {
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

function withMetadata({ providerMetadata }: { readonly providerMetadata?: ProviderMetadata | undefined }): {
  providerMetadata?: ProviderMetadata;
} {
  return providerMetadata ? { providerMetadata: toJson(providerMetadata) as ProviderMetadata } : {};
}
