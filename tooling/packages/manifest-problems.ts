import type { Manifest } from '../workspaces.ts';
import type { Tarball } from './tarballs.ts';

/** What a manifest lacks for package managers that let a package see nothing but what it names, as Yarn's Plug'n'Play does. */
export function manifestProblems(
  { files }: Pick<Tarball, 'files'>,
  manifest: Manifest,
  ours: readonly Manifest[],
): string[] {
  const { name, dependencies = {}, peerDependencies = {}, preferUnplugged = false } = manifest;
  const brought = ours.filter((other) => other.name in dependencies);
  const programs = files.filter((path) => path.endsWith('-main.js'));
  return [
    ...brought.flatMap((other) =>
      Object.keys(other.peerDependencies ?? {})
        .filter((peer) => !(peer in dependencies) && !(peer in peerDependencies))
        .map((peer) => `${name} depends on ${other.name} and must have its peer ${peer}, too`),
    ),
    ...(preferUnplugged ? [] : programs.map((path) => `${name} starts ${path}: it needs preferUnplugged`)),
  ];
}
