import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { publishedPackages } from '../workspaces.ts';
import { copyLicence } from './licence.ts';

export interface Tarball {
  name: string;
  path: string;
  /** Paths of the files in it. */
  files: string[];
}

interface NpmPackEntry {
  name: string;
  filename: string;
  files: { path: string }[];
}

/** Packs what is published from `root` into `folder`, each with the licence, whose copies stay for who publishes next. */
export function packAll(root: string, folder: string): Tarball[] {
  copyLicence(root);
  const workspaces = publishedPackages(root).flatMap((workspace) => ['--workspace', workspace.folder]);
  const output = execFileSync('npm', ['pack', '--json', '--pack-destination', folder, ...workspaces], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: Infinity,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return (JSON.parse(output) as NpmPackEntry[]).map(({ name, filename, files }) => ({
    name,
    path: join(folder, filename),
    files: files.map(({ path }) => path),
  }));
}

/** What a user of the package would trip over. */
export function tarballProblems(tarball: Tarball): string[] {
  return [
    ...strayFiles(tarball),
    ...outputOfFailure('publint', ['run', tarball.path, '--strict']),
    ...outputOfFailure('attw', [tarball.path, '--profile', 'esm-only', '--format', 'ascii']),
  ];
}

function strayFiles({ name, files }: Tarball): string[] {
  const stray = files.filter((path) => /\.(test|bench)\.|\.tsbuildinfo$|\.d\.ts\.map$/.test(path));
  return [
    ...stray.map((path) => `${name} would publish ${path}`),
    ...(files.includes('LICENSE') ? [] : [`${name} has no LICENSE`]),
    ...(files.includes('dist/index.js') ? [] : [`${name} has no dist/index.js: build first`]),
  ];
}

function outputOfFailure(program: string, args: string[]): string[] {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? [] : [`${stdout}${stderr}`];
}
