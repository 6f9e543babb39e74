const encoder = new TextEncoder();

/** Bytes of a value as JSON in UTF-8 where they are more than allowed, else null. */
export function jsonBytesAbove(maxBytes: number, value: unknown): number | null {
  return bytesAbove(maxBytes, JSON.stringify(value) ?? 'null');
}

/** Bytes of a text in UTF-8 where they are more than allowed, else null. A character has one to three: most texts are not counted. */
function bytesAbove(maxBytes: number, text: string): number | null {
  if (text.length * 3 <= maxBytes) return null;
  const bytes = encoder.encode(text).length;
  return bytes > maxBytes ? bytes : null;
}
