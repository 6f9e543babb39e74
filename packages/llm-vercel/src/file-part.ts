import type { LanguageModelV4File } from '@ai-sdk/provider';
import type { FilePart } from '@helix-agents/core';

/** A file of a model as the record keeps it: bytes become a `data:` URL. */
export function toFilePart({ data, mediaType }: LanguageModelV4File): FilePart {
  return { type: 'file', mediaType, url: data.type === 'url' ? urlOf(data) : dataUrl(mediaType, data.data) };
}

function urlOf({ originalUrl, url }: Extract<LanguageModelV4File['data'], { type: 'url' }>): string {
  return originalUrl ?? url.href;
}

function dataUrl(mediaType: string, bytes: string | Uint8Array): string {
  return `data:${mediaType};base64,${typeof bytes === 'string' ? bytes : toBase64(bytes)}`;
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
