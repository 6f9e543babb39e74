import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { publishedPackages, readManifest, repository, type Manifest } from '../workspaces.ts';

/** A manifest whose program is Node. */
type NodeManifest = Manifest & { bin: { node: string } };

/**
 * Runs programs in `folder`, where our packages are installed, with the oldest Node that these say they run on: what newer ones
 * have besides is easily taken for given. Throws where one fails.
 */
export function oldestNodeRuns(folder: string, programs: readonly string[]): void {
  const name = Object.keys(readManifest(repository).optionalDependencies ?? {}).find((one) =>
    existsSync(join(repository, 'node_modules', one)),
  );
  if (name === undefined) throw new Error('no package of Node is installed: run npm ci');
  const run = (program: string, ...args: string[]) =>
    execFileSync(program, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], timeout: 120_000 });
  run('npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', `${name}@${oldestNode()}`);
  const installed = join(folder, 'node_modules', name);
  const node = join(installed, (readManifest(installed) as NodeManifest).bin.node);
  for (const program of programs) run(node, '--experimental-strip-types', '--no-warnings', program);
}

/** `22.12.0` of `>=22.12`, which all of our packages must say. */
function oldestNode(): string {
  const engines = new Set(publishedPackages(repository).map(({ manifest }) => manifest.engines?.node));
  const [least = ''] = engines;
  const version = /^>=(\d+\.\d+)$/.exec(least)?.[1];
  if (engines.size === 1 && version !== undefined) return `${version}.0`;
  throw new Error(`packages must name one oldest Node, as >=22.12: ${[...engines].join(', ')}`);
}
