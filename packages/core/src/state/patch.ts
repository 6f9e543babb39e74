import { HelixError } from '../errors/helix-error.ts';
import type { Json } from '../values/json.ts';

/** One RFC 6902 operation; we make `add`, `remove` and `replace`, and apply exactly these. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: Json }
  | { readonly op: 'remove'; readonly path: string };

/**
 * Applies operations in order to a copy; parts that no operation touches are shared with the original, which stays as it is.
 *
 * @throws HelixError `input_invalid` for a place that is not there: the operations were made of another document
 */
export function applyPatch(document: Json, operations: readonly PatchOperation[]): Json {
  return operations.reduce(applyOne, document);
}

function applyOne(document: Json, operation: PatchOperation): Json {
  return change(document, { keys: parsePointer(operation.path), operation }, 0);
}

interface Change {
  /** Where it is, from the document down. */
  readonly keys: readonly string[];
  readonly operation: PatchOperation;
}

/** The node at this depth, changed. */
function change(node: Json, at: Change, depth: number): Json {
  const { keys, operation } = at;
  const key = keys[depth];
  if (key === undefined) return operation.op === 'remove' ? null : operation.value;
  if (Array.isArray(node)) return changeArray(node, key, at, depth);
  if (node === null || typeof node !== 'object') throw noSuchPlace(operation);
  return changeObject(node, key, at, depth);
}

function changeObject(node: { [key: string]: Json }, key: string, at: Change, depth: number): Json {
  const { keys, operation } = at;
  if (depth + 1 < keys.length) {
    if (!Object.hasOwn(node, key)) throw noSuchPlace(operation);
    return withMember(node, key, change(node[key] as Json, at, depth + 1));
  }
  if (operation.op !== 'remove') return withMember(node, key, operation.value);
  return Object.fromEntries(Object.entries(node).filter(([name]) => name !== key));
}

/** An assignment would call the setter of `__proto__`. */
function withMember(node: { [key: string]: Json }, key: string, value: Json): Json {
  const copy = { ...node };
  if (key !== '__proto__') copy[key] = value;
  else Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true });
  return copy;
}

function changeArray(node: readonly Json[], key: string, at: Change, depth: number): Json {
  const { keys, operation } = at;
  const isLast = depth + 1 === keys.length;
  const index = key === '-' ? node.length : Number(key);
  const end = operation.op === 'add' && isLast ? node.length : node.length - 1;
  if (!Number.isInteger(index) || index < 0 || index > end) throw noSuchPlace(operation);
  const copy = [...node];
  if (!isLast) copy[index] = change(copy[index] as Json, at, depth + 1);
  else if (operation.op === 'remove') copy.splice(index, 1);
  else copy.splice(index, operation.op === 'add' ? 0 : 1, operation.value);
  return copy;
}

function noSuchPlace({ path }: PatchOperation): HelixError {
  return new HelixError('input_invalid', `no such place: ${path}; the operations were made of another document`);
}

/** The keys that an RFC 6901 pointer names. */
export function parsePointer(pointer: string): string[] {
  if (pointer === '') return [];
  const tokens = pointer.slice(1).split('/');
  return pointer.includes('~') ? tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~')) : tokens;
}

/** The RFC 6901 pointer of a path. */
export function toPointer(path: readonly (string | number)[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
