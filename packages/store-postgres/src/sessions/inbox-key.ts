import type { InboxItem } from '@helix-agents/core';

/** What makes two deliveries the same item. An answer counts by its contents: another answer to the same wait is news. */
export async function inboxKey(item: InboxItem): Promise<string> {
  if (item.kind === 'stop') return `stop ${item.stop} ${item.runId}`;
  if (item.kind === 'message') return `message ${item.messageId}`;
  return `answer ${item.generation} ${item.waitId} ${await digest(item.answer)}`;
}

/** The order of members does not count. */
async function digest(value: unknown): Promise<string> {
  const text = JSON.stringify(value, (_, member: unknown) => (isObject(member) ? sorted(member) : member));
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes).subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
