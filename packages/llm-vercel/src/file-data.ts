import type { LanguageModelV4, SharedV4FileData, SharedV4Warning } from '@ai-sdk/provider';
import { HelixError, type FilePart, type MessageRecord } from '@helix-agents/core';

/** Where the bytes of a file may come from. */
export interface FileSource {
  readonly model: Pick<LanguageModelV4, 'supportedUrls' | 'provider'>;
  readonly abortSignal: AbortSignal;
  readonly loadFile: ((url: string, abortSignal: AbortSignal) => Promise<Uint8Array>) | undefined;
  /** Told of each file that is left out. */
  readonly warn: (warning: SharedV4Warning) => void;
}

/**
 * The files of a transcript as the provider takes them: inline, as a URL where it fetches such URLs, else loaded. One that cannot be
 * had refuses the call only where it stands in the newest message of the user. An earlier one is left out: no later turn could ever
 * succeed with it.
 *
 * @throws HelixError `framework_not_supported` where the newest message has a file whose bytes nobody gets, `input_invalid` for one that
 * cannot be decoded; what `loadFile` throws
 */
export async function readFiles(
  messages: readonly MessageRecord[],
  source: FileSource,
): Promise<ReadonlyMap<FilePart, SharedV4FileData>> {
  const newest = messages.findLast(({ role }) => role === 'user');
  const files = messages.flatMap((message) =>
    message.parts.flatMap((part) => (part.type === 'file' ? [{ part, mustBeHad: message === newest }] : [])),
  );
  const found = files.map(async ({ part, mustBeHad }) => {
    try {
      return [[part, await toFileData(part, source)] as const];
    } catch (error) {
      if (mustBeHad || source.abortSignal.aborted) throw error;
      source.warn(leftOut(part, error));
      return [];
    }
  });
  return new Map((await Promise.all(found)).flat());
}

function leftOut({ filename, mediaType }: FilePart, error: unknown): SharedV4Warning {
  const name = filename === undefined ? 'a file' : `the file ${JSON.stringify(filename)}`;
  const why = error instanceof Error ? error.message : String(error);
  return { type: 'other', message: `${name} (${mediaType}) of an earlier message was left out: ${why}` };
}

async function toFileData(file: FilePart, source: FileSource): Promise<SharedV4FileData> {
  if (/^data:/i.test(file.url)) return { type: 'data', data: inlineData(file) };
  if (await takesUrl(file, source.model)) return { type: 'url', url: new URL(file.url) };
  if (source.loadFile) return { type: 'data', data: await source.loadFile(file.url, source.abortSignal) };
  throw new HelixError(
    'framework_not_supported',
    `${source.model.provider} does not fetch ${file.mediaType} from ${schemeOf(file.url)} URLs: send a data: URL, or give new VercelAIAdapter({ loadFile })`,
  );
}

/** Base64 stays as it is; percent-encoded text becomes bytes. */
function inlineData({ url, mediaType }: FilePart): string | Uint8Array {
  const comma = url.indexOf(',');
  const body = url.slice(comma + 1);
  if (/;\s*base64$/i.test(url.slice(0, comma))) return body;
  try {
    if (comma > 0) return new TextEncoder().encode(decodeURIComponent(body));
  } catch {
    // A `%` without two digits behind it, or bytes that are no text.
  }
  throw new HelixError('input_invalid', `the data: URL of a file (${mediaType}) cannot be decoded`);
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
