import { HelixError } from '@helix-agents/core';

/** Deeper data is a cycle, or nothing that another store could hold either. */
const maxDepth = 500;

/**
 * A deeply frozen copy of JSON data. Members that are `undefined` vanish, as in JSON. What is kept can be handed out without
 * another copy: nobody can change it.
 *
 * @throws HelixError `input_invalid` for what JSON cannot hold: functions, bigints, NaN, class instances, cycles
 */
export function frozenCopy<T>(data: T): T {
  return copy(data, 0) as T;
}

/** Freezes what a fold made anew; parts that are frozen already are known to be frozen to their depth. */
export function freezeDeep<T>(data: T): T {
  if (typeof data !== 'object' || data === null || Object.isFrozen(data)) return data;
  Object.freeze(data);
  for (const member of Object.values(data)) freezeDeep(member);
  return data;
}

function copy(data: unknown, depth: number): unknown {
  if (typeof data === 'string' || typeof data === 'boolean' || data === null) return data;
  if (typeof data === 'number' && Number.isFinite(data)) return data;
  if (typeof data !== 'object' || depth > maxDepth) throw notJson(data);
  return Array.isArray(data) ? copyArray(data, depth) : copyObject(data, depth);
}

function copyArray(data: readonly unknown[], depth: number): readonly unknown[] {
  const items: unknown[] = [];
  for (const item of data) items.push(item === undefined ? null : copy(item, depth + 1));
  return Object.freeze(items);
}

function copyObject(data: object, depth: number): object {
  if (!isPlain(data)) throw notJson(data);
  const members: Record<string, unknown> = {};
  for (const name of Object.keys(data)) {
    const member = (data as Record<string, unknown>)[name];
    if (member === undefined) continue;
    const value = typeof member === 'string' ? member : copy(member, depth + 1);
    // An assignment would call the setter of `__proto__`.
    if (name === '__proto__') Object.defineProperty(members, name, { value, enumerable: true });
    else members[name] = value;
  }
  return Object.freeze(members);
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
