const encoder = new TextEncoder();

/** Bytes of a value as JSON in UTF-8. */
export function jsonBytes(value: unknown): number {
  return textBytes(JSON.stringify(value) ?? 'null');
}

/** Bytes of a text in UTF-8. */
export function textBytes(text: string): number {
  return encoder.encode(text).length;
}
