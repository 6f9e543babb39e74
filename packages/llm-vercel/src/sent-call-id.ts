/**
 * The id of a call as a provider takes it back: as it is, or a short one that always stands for it. A session may hold ids of another
 * provider, and one id that is refused would end it.
 */
export function sentCallId(id: string, { callId }: { readonly callId: RegExp }): string {
  return callId.test(id) ? id : shortId(id);
}

/** Nine letters and digits, which every provider takes. */
function shortId(id: string): string {
  const mixed = hash(id, 0x811c9dc5) * 2 ** 15 + (hash(id, 0x9e3779b9) >>> 17);
  return (mixed % 36 ** 9).toString(36).padStart(9, '0');
}

function hash(text: string, seed: number): number {
  let value = seed;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}
