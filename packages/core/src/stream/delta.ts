import type { ChunkBody } from '../session/chunk.ts';

/** Longest delta in one chunk, in characters, where the stream's limit leaves room for it. */
const maxDelta = 16_384;

/** How many characters a delta may have: JSON takes six bytes for one at worst, and half a chunk is left to the envelope. */
export function longestDelta(maxChunkBytes: number): number {
  return Math.max(1, Math.min(maxDelta, Math.floor(maxChunkBytes / 12)));
}

/** A whole reply, thought or file that comes as one delta, as several; everything else unchanged. */
export function splitDelta(body: ChunkBody, longest: number): readonly ChunkBody[] {
  switch (body.type) {
    case 'text_delta':
    case 'tool_input_delta':
      return pieces(body.delta, longest).map((delta) => ({ ...body, delta }));
    case 'thinking':
      return endingLast(pieces(body.content, longest).map((content) => ({ ...body, content })));
    case 'file':
      return endingLast(pieces(body.url, longest).map((url) => ({ ...body, url })));
    default:
      return [body];
  }
}

/** Only the last piece may be the end. */
function endingLast<T extends { readonly isComplete: boolean }>(bodies: readonly T[]): T[] {
  return bodies.map((body, index) => ({ ...body, isComplete: body.isComplete && index === bodies.length - 1 }));
}

function pieces(text: string, longest: number): string[] {
  if (text.length <= longest) return [text];
  const found: string[] = [];
  for (let from = 0; from < text.length;) {
    const to = from + longest;
    const end = longest > 1 && isHighSurrogate(text.charCodeAt(to - 1)) ? to - 1 : to;
    found.push(text.slice(from, end));
    from = end;
  }
  return found;
}

/** A cut behind it would tear a character. */
function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
