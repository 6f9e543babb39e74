import type { Json } from '../json.ts';

/** One RFC 6902 operation; we make `add`, `remove` and `replace`, and apply exactly these. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: Json }
  | { readonly op: 'remove'; readonly path: string };

/** Applies operations in order to a copy; parts that no operation touches are shared with the original. */
export function applyPatch(document: Json, operations: readonly PatchOperation[]): Json {
  return operations.reduce(applyOne, document);
}

function applyOne(document: Json, operation: PatchOperation): Json {
  return change(document, parsePointer(operation.path), operation);
}

function change(node: Json, path: readonly string[], operation: PatchOperation): Json {
  const [key, ...rest] = path;
  if (key === undefined) return operation.op === 'remove' ? null : operation.value;
  if (Array.isArray(node)) return changeArray(node, key, rest, operation);
  if (node === null || typeof node !== 'object') throw new RangeError(`no such place: ${operation.path}`);
  return changeObject(node, key, rest, operation);
}

function changeObject(
  node: { [key: string]: Json },
  key: string,
  rest: readonly string[],
  operation: PatchOperation,
): Json {
  if (rest.length > 0) {
    if (!Object.hasOwn(node, key)) throw new RangeError(`no such place: ${operation.path}`);
    return withMember(node, key, change(node[key] as Json, rest, operation));
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

function changeArray(node: readonly Json[], key: string, rest: readonly string[], operation: PatchOperation): Json {
  const index = key === '-' ? node.length : Number(key);
  const end = operation.op === 'add' && rest.length === 0 ? node.length : node.length - 1;
  if (!Number.isInteger(index) || index < 0 || index > end) throw new RangeError(`no such place: ${operation.path}`);
  const copy = [...node];
  if (rest.length > 0) copy[index] = change(copy[index] as Json, rest, operation);
  else if (operation.op === 'remove') copy.splice(index, 1);
  else copy.splice(index, operation.op === 'add' ? 0 : 1, operation.value);
  return copy;
}

/** The keys that an RFC 6901 pointer names. */
export function parsePointer(pointer: string): string[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The RFC 6901 pointer of a path. */
export function toPointer(path: readonly (string | number)[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
