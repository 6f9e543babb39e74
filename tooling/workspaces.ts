import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The parts of a manifest that the tooling reads. */
export interface Manifest {
  name: string;
  version: string;
  description?: string;
  private?: boolean;
  workspaces?: string[];
  exports?: Record<string, Record<string, string>>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  engines?: { node?: string };
  preferUnplugged?: boolean;
}

export interface Workspace {
  /** Its folder, from the root of the repository: `packages/core`. */
  folder: string;
  manifest: Manifest;
}

/** The repository that this tooling belongs to. */
export const repository = join(import.meta.dirname, '..');

/** Every workspace below `root`, in the order of its folders. */
export function readWorkspaces(root: string): Workspace[] {
  const patterns = readManifest(root).workspaces ?? [];
  return globSync(patterns, { cwd: root })
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .toSorted()
    .map((folder) => ({ folder: folder.replaceAll('\\', '/'), manifest: readManifest(join(root, folder)) }));
}

/** The libraries that are published from `packages/`. */
export function publishedPackages(root: string): Workspace[] {
  return readWorkspaces(root).filter(({ manifest }) => manifest.private !== true);
}

/** The manifest in a folder. */
export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}
