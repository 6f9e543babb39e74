import { isObject } from '../values/is-object.ts';
import type { InboxItem } from './inbox.ts';

/** What makes two deliveries the same item: its name, and of an answer the contents. Another answer to the same wait is news. */
export interface DeliveryKey {
  readonly name: string;
  /** As JSON in which the order of members does not count; empty where the name says it all. */
  readonly contents: string;
}

/** The key of an item that outsiders deliver: a repetition has the same. */
export function deliveryKey(item: InboxItem): DeliveryKey {
  if (item.kind === 'stop') return { name: `stop ${item.stop} ${item.runId}`, contents: '' };
  if (item.kind === 'message') return { name: `message ${item.messageId}`, contents: '' };
  const contents = JSON.stringify(item.answer, (_, member: unknown) => (isObject(member) ? sorted(member) : member));
  return { name: `answer ${item.generation} ${item.waitId}`, contents };
}

function sorted(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
