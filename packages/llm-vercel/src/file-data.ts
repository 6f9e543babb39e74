import type { LanguageModelV4, SharedV4FileData } from '@ai-sdk/provider';
import { HelixError, type FilePart, type MessageRecord } from '@helix-agents/core';

/** Where the bytes of a file may come from. */
export interface FileSource {
  readonly model: Pick<LanguageModelV4, 'supportedUrls' | 'provider'>;
  readonly abortSignal: AbortSignal;
  readonly loadFile: ((url: string, abortSignal: AbortSignal) => Promise<Uint8Array>) | undefined;
}

/**
 * The files of a transcript as the provider takes them: inline, as a URL where it fetches such URLs, else loaded.
 *
 * @throws HelixError `framework_not_supported` where none of them is possible
 */
export async function readFiles(
  messages: readonly MessageRecord[],
  source: FileSource,
): Promise<ReadonlyMap<FilePart, SharedV4FileData>> {
  const files = messages.flatMap(({ parts }) => parts.filter((part) => part.type === 'file'));
  return new Map(await Promise.all(files.map(async (file) => [file, await toFileData(file, source)] as const)));
}

async function toFileData(file: FilePart, source: FileSource): Promise<SharedV4FileData> {
  if (file.url.startsWith('data:')) return { type: 'data', data: inlineData(file.url) };
  if (await takesUrl(file, source.model)) return { type: 'url', url: new URL(file.url) };
  if (source.loadFile) return { type: 'data', data: await source.loadFile(file.url, source.abortSignal) };
  throw new HelixError(
    'framework_not_supported',
    `${source.model.provider} does not fetch ${file.mediaType} from ${schemeOf(file.url)} URLs: send a data: URL, or give new VercelAIAdapter({ loadFile })`,
  );
}

/** Base64 stays as it is; percent-encoded text becomes bytes. */
function inlineData(url: string): string | Uint8Array {
  const comma = url.indexOf(',');
  const body = url.slice(comma + 1);
  return url.slice(0, comma).endsWith(';base64') ? body : new TextEncoder().encode(decodeURIComponent(body));
}

/** As the AI SDK matches them: media types exact or by wildcard, URLs by pattern. */
async function takesUrl({ url, mediaType }: FilePart, model: FileSource['model']): Promise<boolean> {
  if (!URL.canParse(url)) return false;
  const family = `${mediaType.slice(0, mediaType.indexOf('/') + 1)}*`;
  return Object.entries(await model.supportedUrls).some(
    ([type, patterns]) =>
      [mediaType, family, '*', '*/*'].includes(type) && patterns.some((pattern) => url.search(pattern) >= 0),
  );
}

function schemeOf(url: string): string {
  return /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0] ?? 'such';
}
