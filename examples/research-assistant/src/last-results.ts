import type { MessagePart, SessionSnapshot, SessionStateStore } from '@helix-agents/sdk';

/** What a tool call came to. */
export type ToolResult = Extract<MessagePart, { readonly type: 'tool-result' }>;

/** More than a step has calls. */
const maxMessages = 200;

/** What the tools of the last recorded step gave: a process that died after its commit may have told nobody. */
export async function lastResults(
  store: SessionStateStore,
  { sessionId, messageCount }: SessionSnapshot,
): Promise<readonly ToolResult[]> {
  const messages = await store.messagesAfter(sessionId, Math.max(0, messageCount - maxMessages));
  const step = messages.slice(messages.findLastIndex(({ role }) => role === 'assistant' || role === 'user') + 1);
  return step.flatMap(({ parts }) => parts.filter((part) => part.type === 'tool-result'));
}
