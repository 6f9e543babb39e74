/** What every record, chunk and tool result must be: data that survives `JSON.stringify` and `JSON.parse` unchanged. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A JSON object. */
export type JsonObject = { [key: string]: Json };

/**
 * Turns any value into JSON data: dates become strings, `undefined` members vanish, `undefined` itself is `null`.
 *
 * @throws TypeError for what JSON cannot hold (a cycle, a bigint)
 */
export function toJson(value: unknown): Json {
  const copied = copyPlain(value, 0);
  return copied === undefined ? throughText(value) : copied;
}

function throughText(value: unknown): Json {
  const text = JSON.stringify(value);
  return text === undefined ? null : (JSON.parse(text) as Json);
}

/** A copy of what is JSON data already; undefined for anything else, which {@link toJson} would change or refuse. */
export function asJson(value: unknown): Json | undefined {
  return copyPlain(value, 0);
}

/** What is nested deeper may be a cycle. */
const maxPlainDepth = 100;

/** A copy of what is JSON already, as nearly all data is; undefined for anything that only its text can tell. */
function copyPlain(value: unknown, depth: number): Json | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number') return isJsonNumber(value) ? value : undefined;
  if (typeof value !== 'object' || depth > maxPlainDepth) return undefined;
  return Array.isArray(value) ? copyArray(value, depth) : copyObject(value, depth);
}

function copyArray(value: readonly unknown[], depth: number): Json[] | undefined {
  const items = value.map((item) => copyPlain(item, depth + 1));
  return items.includes(undefined) ? undefined : (items as Json[]);
}

function copyObject(value: object, depth: number): JsonObject | undefined {
  if (Object.getPrototypeOf(value) !== Object.prototype || Object.getOwnPropertySymbols(value).length > 0)
    return undefined;
  const members: Record<string, unknown> = { ...value };
  for (const name in members) {
    const member = members[name];
    if (typeof member === 'string') continue;
    const copied = copyPlain(member, depth + 1);
    if (copied === undefined) return undefined;
    if (copied !== member) members[name] = copied;
  }
  return members as JsonObject;
}

/** JSON has no infinity and no negative zero. */
function isJsonNumber(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0);
}
