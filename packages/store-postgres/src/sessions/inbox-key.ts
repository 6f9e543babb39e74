import { deliveryKey, type InboxItem } from '@helix-agents/core';
import { sha256 } from '../database/sha256.ts';

/** The key under which an item is kept: short, also where the answer is long. */
export async function inboxKey(item: InboxItem): Promise<string> {
  const { name, contents } = deliveryKey(item);
  return contents === '' ? name : `${name} ${(await sha256(contents)).slice(0, 32)}`;
}
