import type { InboxItem, WaitAnswer } from '@helix-agents/core';

type Answer = Extract<InboxItem, { kind: 'answer' }>;

/** What outsiders delivered to a session before, so that a repetition adds nothing, also after it was consumed. */
export class DeliveredItems {
  readonly #keys = new Set<string>();
  readonly #answers = new Map<string, WaitAnswer[]>();

  has(item: InboxItem): boolean {
    if (item.kind !== 'answer') return this.#keys.has(keyOf(item));
    return this.#answers.get(waitKey(item))?.some((known) => sameJson(known, item.answer)) ?? false;
  }

  add(item: InboxItem): void {
    if (item.kind !== 'answer') {
      this.#keys.add(keyOf(item));
      return;
    }
    const key = waitKey(item);
    this.#answers.set(key, [...(this.#answers.get(key) ?? []), item.answer]);
  }
}

function keyOf(item: Exclude<InboxItem, Answer>): string {
  return item.kind === 'stop' ? `stop ${item.stop} ${item.runId}` : `message ${item.messageId}`;
}

function waitKey({ generation, waitId }: Answer): string {
  return `${generation} ${waitId}`;
}

/** Whether two pieces of JSON data are equal; the order of members does not count. */
function sameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = definedNames(one);
  if (names.length !== definedNames(other).length) return false;
  return names.every((name) => Object.hasOwn(other, name) && sameJson(member(one, name), member(other, name)));
}

function definedNames(value: object): string[] {
  return Object.keys(value).filter((name) => member(value, name) !== undefined);
}

function member(value: object, name: string): unknown {
  return (value as Record<string, unknown>)[name];
}
