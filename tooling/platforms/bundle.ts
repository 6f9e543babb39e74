import { build, type BuildFailure } from 'esbuild';
import { repository } from '../workspaces.ts';

export interface Bundle {
  output: Uint8Array;
  /** Why there is no output. */
  problems: string[];
}

/**
 * Bundles code as a user's bundler would for a platform that is neither Node nor a browser: a `node:` import resolves to
 * nothing there and is a problem with its place.
 */
export async function bundle(code: string, external: string[] = []): Promise<Bundle> {
  try {
    const { outputFiles } = await build({
      stdin: { contents: code, resolveDir: repository },
      bundle: true,
      external,
      format: 'esm',
      logLevel: 'silent',
      mainFields: ['module', 'main'],
      minify: true,
      platform: 'neutral',
      target: 'es2024',
      write: false,
    });
    return { output: outputFiles[0]?.contents ?? new Uint8Array(), problems: [] };
  } catch (error) {
    const { errors } = error as BuildFailure;
    return {
      output: new Uint8Array(),
      problems: errors.map(({ text, location }) => `${text} (${location?.file}:${location?.line})`),
    };
  }
}
