import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { readManifest, readWorkspaces, type Manifest } from '../workspaces.ts';
import { readSources, type SourceFacts } from './source-facts.ts';

/** What the boundary rules need to know about one workspace. All names of ours are folders: `packages/core`. */
export interface WorkspaceFacts {
  folder: string;
  name: string;
  /** Ours that consumers get with it: dependencies, optional and peer dependencies. */
  dependencies: string[];
  /** Ours that only its tests and tools use. */
  devDependencies: string[];
  /** Projects that its `tsconfig.json` references; absent where it has no such file. */
  references?: string[];
  /** Ambient types that its `tsconfig.json` asks for. */
  types: string[];
  sources: SourceFacts[];
}

interface ProjectFile {
  compilerOptions?: { types?: string[] };
  references?: { path: string }[];
}

/** Every workspace, and the tooling, which has the manifest of the root. */
export function readWorkspaceFacts(root: string): WorkspaceFacts[] {
  const workspaces = readWorkspaces(root);
  const folders = new Map(workspaces.map(({ folder, manifest }) => [manifest.name, folder]));
  const ours = (names: Record<string, string> = {}) => Object.keys(names).flatMap((name) => folders.get(name) ?? []);
  const own = readManifest(root);
  const tooling = { folder: 'tooling', manifest: { ...own, dependencies: own.devDependencies ?? {} } };
  return [...workspaces, tooling].map(({ folder, manifest }) => ({
    folder,
    name: manifest.name,
    dependencies: ours(shipped(manifest)),
    devDependencies: ours(manifest.devDependencies),
    ...readProject(root, folder),
    sources: readSources(join(root, folder)),
  }));
}

function shipped({ dependencies, optionalDependencies, peerDependencies }: Manifest): Record<string, string> {
  return { ...dependencies, ...optionalDependencies, ...peerDependencies };
}

function readProject(root: string, folder: string): Pick<WorkspaceFacts, 'references' | 'types'> {
  const path = join(root, folder, 'tsconfig.json');
  if (!existsSync(path)) return { types: [] };
  const project = JSON.parse(readFileSync(path, 'utf8')) as ProjectFile;
  return {
    references: (project.references ?? []).map((reference) => posix.join(folder, reference.path)),
    types: project.compilerOptions?.types ?? [],
  };
}
