/**
 * Freezes data to its depth, so that it can be handed to foreign code. Parts that are frozen already are known to be frozen to
 * their depth, so what was handed out before costs one look.
 */
export function freezeDeep<T>(data: T): T {
  if (typeof data !== 'object' || data === null || Object.isFrozen(data) || ArrayBuffer.isView(data)) return data;
  Object.freeze(data);
  for (const name in data) {
    const member = data[name];
    if (typeof member === 'object' && member !== null) freezeDeep(member);
  }
  return data;
}
