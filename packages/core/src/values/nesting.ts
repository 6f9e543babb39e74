/**
 * How many levels of objects and lists arguments and results of tools may have, what they emit, and a value that they write to the
 * state. No option: every store keeps this much, and what surrounds it in a record.
 */
export const maxNesting = 400;

/** Whether a value has more levels than any store must keep; so has a cycle. */
export function isTooDeep(value: unknown): boolean {
  return isDeeper(value, maxNesting);
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  // By index: names of a long list are made one by one.
  if (Array.isArray(value)) return value.some((member) => isDeeper(member, levels - 1));
  for (const name in value) if (isDeeper((value as Record<string, unknown>)[name], levels - 1)) return true;
  return false;
}
