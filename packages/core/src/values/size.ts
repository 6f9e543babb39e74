// Pure, as all that is made when the package is loaded: who imports something else does not carry it along.
const encoder = /* @__PURE__ */ new TextEncoder();

/** Texts of these characters alone, as ids are, are written as they stand: between quotes, a byte each. */
const asItStands = /^[\w.:-]*$/;

/** Bytes of a value as JSON in UTF-8. */
export function jsonBytes(value: unknown): number {
  if (typeof value === 'string' && asItStands.test(value)) return value.length + 2;
  return encoder.encode(JSON.stringify(value) ?? 'null').length;
}

/** Bytes of a value as JSON in UTF-8 where they are more than allowed, else null. Most values are small, and need no exact count. */
export function jsonBytesAbove(maxBytes: number, value: unknown): number | null {
  if (bytesAtMost(value, maxBytes, 0) <= maxBytes) return null;
  const bytes = jsonBytes(value);
  return bytes > maxBytes ? bytes : null;
}

/** What is nested deeper may be a cycle. */
const maxDepth = 100;

/** No less than the JSON of a value can have; infinite where that is not told by a glance. */
function bytesAtMost(value: unknown, enough: number, depth: number): number {
  if (typeof value === 'string') return textAtMost(value);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined) return 26;
  if (typeof value !== 'object' || depth > maxDepth) return Infinity;
  if (Array.isArray(value)) return membersAtMost(value, enough, depth);
  return Object.getPrototypeOf(value) === Object.prototype ? objectAtMost(value, enough, depth) : Infinity;
}

function membersAtMost(items: readonly unknown[], enough: number, depth: number): number {
  let sum = 2;
  for (const item of items) {
    sum += 1 + bytesAtMost(item, enough, depth + 1);
    if (sum > enough) return Infinity;
  }
  return sum;
}

function objectAtMost(value: object, enough: number, depth: number): number {
  let sum = 2;
  for (const name in value) {
    sum += textAtMost(name) + 2 + bytesAtMost((value as Record<string, unknown>)[name], enough, depth + 1);
    if (sum > enough) return Infinity;
  }
  return sum;
}

/** A character of a text has at most six bytes as JSON: an escape. */
function textAtMost(text: string): number {
  return text.length * 6 + 2;
}
