import { HelixError } from '@helix-agents/core';

/**
 * The body of a request as JSON. It is counted while it arrives: whatever its headers say, no more than `maxBytes` are kept.
 *
 * @throws HelixError `input_wrong_type`, `input_too_large`, `input_invalid`
 */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  mustBeJson(request);
  return parse(await readBytes(request, maxBytes));
}

/**
 * As {@link readJson}; an empty body, of whatever type, is an empty object. Not from a page of another origin: its browser sends that
 * unasked, with the cookies of ours.
 */
export async function readOptionalJson(request: Request, maxBytes: number): Promise<unknown> {
  const bytes = await readBytes(request, maxBytes);
  if (bytes.length > 0 || isFromElsewhere(request)) mustBeJson(request);
  return bytes.length > 0 ? parse(bytes) : {};
}

/** Only browsers say where a request is from; all do, to https and to this machine. */
function isFromElsewhere({ headers }: Request): boolean {
  return !['same-origin', 'none'].includes(headers.get('sec-fetch-site') ?? 'none');
}

/** Also keeps forms of other sites out: a browser asks before it sends JSON across sites. */
function mustBeJson({ headers }: Request): void {
  const encoding = headers.get('content-encoding') ?? 'identity';
  if (!/^identity$/i.test(encoding))
    throw unsupported(`the body is packed (content-encoding: ${encoding}): send it as it is`);
  const type = headers.get('content-type');
  if (/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type ?? '')) return;
  throw unsupported(`content-type must be application/json, got ${type ?? 'none'}`);
}

function unsupported(message: string): HelixError {
  return new HelixError('input_wrong_type', message);
}

function parse(bytes: Uint8Array): unknown {
  if (bytes.length === 0)
    throw new HelixError('input_invalid', 'the body is empty, or a body parser in front of the server has read it');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    throw new HelixError('input_invalid', 'the body is not JSON in UTF-8');
  }
}

type BodyReader = ReadableStreamDefaultReader<Uint8Array>;

async function readBytes({ body }: Request, maxBytes: number): Promise<Uint8Array> {
  let kept = new Uint8Array(1024);
  let size = 0;
  const reader = body?.getReader();
  for (let piece = await readPiece(reader); piece; piece = await readPiece(reader)) {
    const end = size + piece.length;
    if (end > maxBytes) {
      if (reader) void drain(reader).catch(() => {});
      throw new HelixError('input_too_large', `the body has more than ${maxBytes} bytes`);
    }
    if (end > kept.length) kept = grown(kept, end);
    kept.set(piece, size);
    size = end;
  }
  return kept.subarray(0, size);
}

/** Null at the end. A client that goes away while it writes is no failure of ours. */
async function readPiece(reader: BodyReader | undefined): Promise<Uint8Array | null> {
  try {
    return (await reader?.read())?.value ?? null;
  } catch {
    throw new HelixError('input_invalid', 'the body ended before it was whole');
  }
}

const maxDrainedBytes = 64 * 1024 * 1024;

/**
 * Reads on and keeps nothing. A client that still writes when its connection is closed sees a reset instead of the answer that
 * it was given meanwhile.
 */
async function drain(reader: BodyReader): Promise<void> {
  let size = 0;
  for (let next = await reader.read(); !next.done && size < maxDrainedBytes; next = await reader.read())
    size += next.value.length;
  await reader.cancel();
}

/** No piece is kept as it came: of one with a single byte that would be hundreds. */
function grown(bytes: Uint8Array<ArrayBuffer>, atLeast: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(atLeast, 2 * bytes.length));
  larger.set(bytes);
  return larger;
}
