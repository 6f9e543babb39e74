import { HelixError } from '@helix-agents/core';

/** Deeper data is a cycle, or nothing that another store could hold either. */
const maxDepth = 500;

/**
 * A deeply frozen copy of JSON data, as {@link copyJson} makes it. What is kept can be handed out without another copy: nobody can
 * change it.
 */
export function frozenCopy<T>(data: T): T {
  return freezeDeep(copyJson(data));
}

/** Freezes what was made anew; parts that are frozen already are known to be frozen to their depth. */
export function freezeDeep<T>(data: T): T {
  if (typeof data !== 'object' || data === null || Object.isFrozen(data)) return data;
  Object.freeze(data);
  for (const name in data) freezeDeep(data[name]);
  return data;
}

/**
 * A copy of JSON data that shares nothing with it. Members that are `undefined` vanish, as in JSON. It is not frozen: frozen
 * objects are slow to fold, and most are never handed out.
 *
 * @throws HelixError `input_invalid` for what JSON cannot hold: functions, bigints, NaN, class instances, cycles
 */
export function copyJson<T>(data: T): T {
  return copy(data, 0) as T;
}

function copy(data: unknown, depth: number): unknown {
  if (typeof data === 'string' || typeof data === 'boolean' || data === null) return data;
  if (typeof data === 'number' && Number.isFinite(data)) return data;
  if (typeof data !== 'object' || depth > maxDepth) throw notJson(data);
  return Array.isArray(data) ? copyArray(data, depth) : copyObject(data, depth);
}

function copyArray(data: readonly unknown[], depth: number): readonly unknown[] {
  const items = data.map((item) => (item === undefined ? null : copy(item, depth + 1)));
  // What `map` leaves out are holes.
  return items.includes(undefined) ? Array.from(items, (item) => item ?? null) : items;
}

/** A spread takes the whole shape at once; building an object name by name costs three times as much. */
function copyObject(data: object, depth: number): object {
  if (!isPlain(data)) throw notJson(data);
  const members: Record<string, unknown> = { ...data };
  for (const name in members) {
    const member = members[name];
    if (typeof member === 'string') continue;
    if (member === undefined) return copyObject(withoutUndefined(members), depth);
    members[name] = copy(member, depth + 1);
  }
  return members;
}

function withoutUndefined(members: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(members).filter(([, member]) => member !== undefined));
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
