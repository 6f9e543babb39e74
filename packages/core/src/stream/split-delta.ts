import type { ChunkBody } from './chunk.ts';

/** Longest delta in one chunk, in characters: below the chunk limit of every store, also where each takes three bytes. */
const maxDelta = 16_384;

/** A whole reply that comes as one delta, as several; everything else unchanged. */
export function splitDelta(body: ChunkBody): readonly ChunkBody[] {
  if ((body.type !== 'text_delta' && body.type !== 'tool_input_delta') || body.delta.length <= maxDelta) return [body];
  return pieces(body.delta).map((delta) => ({ ...body, delta }));
}

function pieces(text: string): string[] {
  const found: string[] = [];
  for (let from = 0; from < text.length;) {
    const to = from + maxDelta;
    const end = isHighSurrogate(text.charCodeAt(to - 1)) ? to - 1 : to;
    found.push(text.slice(from, end));
    from = end;
  }
  return found;
}

/** A cut behind it would tear a character. */
function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
