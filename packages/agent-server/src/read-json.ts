import { HelixError } from '@helix-agents/core';

/**
 * The body of a request as JSON. It is counted while it arrives: whatever its headers say, no more than `maxBytes` are kept.
 *
 * @throws HelixError `input_too_large`, `input_invalid`
 */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  const type = request.headers.get('content-type') ?? '';
  // Also keeps forms of other sites out: a browser asks before it sends JSON across sites.
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type))
    throw new HelixError('input_invalid', 'content-type must be application/json');
  const bytes = await readBytes(request, maxBytes);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    throw new HelixError('input_invalid', 'the body is not JSON in UTF-8');
  }
}

/** As {@link readJson}; an empty body is an empty object. */
export async function readOptionalJson(request: Request, maxBytes: number): Promise<unknown> {
  const isEmpty = request.body === null || request.headers.get('content-length') === '0';
  return isEmpty ? {} : readJson(request, maxBytes);
}

async function readBytes({ body }: Request, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  const reader = body?.getReader();
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    size += next.value.length;
    if (size > maxBytes) {
      await reader?.cancel().catch(() => {});
      throw new HelixError('input_too_large', `the body has more than ${maxBytes} bytes`);
    }
    pieces.push(next.value);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
