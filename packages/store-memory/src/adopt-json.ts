import { HelixError, maxNesting } from '@helix-agents/core';

/** Deeper data is a cycle, or nothing that a tool may give; a record puts some levels around it. */
const maxDepth = maxNesting + 100;

/**
 * Takes over JSON data that its maker gives away: looks at all of it, and copies only what has members that are `undefined`, which
 * JSON leaves out. A copy of everything would cost a fifth of a step in memory.
 *
 * @throws HelixError `input_invalid` for what JSON cannot hold: functions, bigints, NaN, class instances, cycles
 */
export function adoptJson<T>(data: T): T {
  return adopt(data, 0) as T;
}

function adopt(data: unknown, depth: number): unknown {
  if (typeof data === 'string' || typeof data === 'boolean' || data === null) return data;
  if (typeof data === 'number' && Number.isFinite(data)) return data;
  if (typeof data !== 'object' || depth > maxDepth) throw notJson(data);
  return Array.isArray(data) ? adoptArray(data, depth) : adoptObject(data, depth);
}

function adoptArray(items: readonly unknown[], depth: number): readonly unknown[] {
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index];
    if (item === undefined || adopt(item, depth + 1) !== item) return copyArray(items, depth);
  }
  return items;
}

function adoptObject(data: object, depth: number): object {
  if (!isPlain(data)) throw notJson(data);
  for (const name in data) {
    const member = (data as Record<string, unknown>)[name];
    if (member === undefined || adopt(member, depth + 1) !== member) return copyObject(data, depth);
  }
  return data;
}

function copyArray(items: readonly unknown[], depth: number): readonly unknown[] {
  return Array.from(items, (item) => (item === undefined ? null : adopt(item, depth + 1)));
}

function copyObject(data: object, depth: number): object {
  const present = Object.entries(data).filter(([, member]) => member !== undefined);
  return Object.fromEntries(present.map(([name, member]) => [name, adopt(member, depth + 1)]));
}

/** Also for objects of another realm, whose prototype is another `Object.prototype`. */
function isPlain(data: object): boolean {
  const prototype = Object.getPrototypeOf(data) as object | null;
  if (prototype === Object.prototype || prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null;
}

function notJson(data: unknown): HelixError {
  const what = typeof data === 'object' ? 'a cycle, very deep data, or an instance of a class' : `a ${typeof data}`;
  return new HelixError('input_invalid', `only JSON data can be stored, found ${what}`);
}
