import { globSync, rmSync } from 'node:fs';
import { isAbsolute, join, parse, relative } from 'node:path';
import { rolldown } from 'rolldown';
import type { Workspace } from '../workspaces.ts';

/**
 * Writes the JavaScript of a package, with maps that carry the sources, and removes what an earlier build left. Everything from
 * other packages stays an import: two packages that share a third must find the same one.
 */
export async function bundlePackage(root: string, { folder, manifest }: Workspace): Promise<void> {
  const cwd = join(root, folder);
  const bundle = await rolldown({
    cwd,
    input: Object.fromEntries([...exported(manifest), ...programs(cwd)].map((path) => [nameOf(path), path])),
    external: (id, importer) => importer !== undefined && !id.startsWith('.') && !isAbsolute(id),
    platform: 'neutral',
    transform: { target: 'es2024' },
  });
  for (const file of globSync('dist/**/*.js{,.map}', { cwd })) rmSync(join(cwd, file));
  await bundle.write({ dir: 'dist', format: 'esm', sourcemap: true });
  await bundle.close();
}

function exported({ exports = {} }: Workspace['manifest']): string[] {
  return Object.values(exports).flatMap(({ '@helix-agents/source': source }) => source ?? []);
}

/** What a package starts as a process, by a URL beside its own: such a file stands at the top of its sources. */
function programs(cwd: string): string[] {
  return globSync('src/*-main.ts', { cwd });
}

/** `./src/node/index.ts` becomes `dist/node/index.js`. */
function nameOf(path: string): string {
  const { dir, name } = parse(relative('src', path));
  return join(dir, name);
}
