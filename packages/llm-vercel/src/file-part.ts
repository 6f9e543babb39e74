import type { LanguageModelV4File } from '@ai-sdk/provider';
import type { FilePart, ProviderMetadata } from '@helix-agents/core';

/** A file of a model as the record keeps it: bytes become a `data:` URL. Some providers sign files, as they do thoughts. */
export function toFilePart({ data, mediaType, providerMetadata }: LanguageModelV4File): FilePart {
  const url = data.type === 'url' ? urlOf(data) : dataUrl(mediaType, data.data);
  return {
    type: 'file',
    mediaType,
    url,
    ...(providerMetadata && { providerMetadata: providerMetadata as ProviderMetadata }),
  };
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
