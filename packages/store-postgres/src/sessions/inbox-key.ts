import { deliveryKey, type InboxItem } from '@helix-agents/core';

/** The key under which an item is kept: short, also where the answer is long. */
export async function inboxKey(item: InboxItem): Promise<string> {
  const { name, contents } = deliveryKey(item);
  return contents === '' ? name : `${name} ${await digest(contents)}`;
}

async function digest(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes).subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
