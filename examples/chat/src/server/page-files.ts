import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** A file of the built page. */
export interface PageFile {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Builds the page into memory: nothing to build first, and nothing left behind. By path, without the slash in front. */
export async function buildPage(): Promise<ReadonlyMap<string, PageFile>> {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const built = await build({ root, configLoader: 'native', logLevel: 'warn', build: { write: false } });
  const output = Array.isArray(built) ? built[0] : built;
  if (!output || !('output' in output)) throw new Error('vite built nothing');
  return new Map(
    output.output.map((file) => {
      const body = file.type === 'chunk' ? file.code : file.source;
      const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : Uint8Array.from(body);
      return [
        file.fileName,
        { body: bytes, type: types[file.fileName.split('.').at(-1) ?? ''] ?? 'application/octet-stream' },
      ];
    }),
  );
}
