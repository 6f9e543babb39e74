/**
 * Platform packages that a lockfile should name and does not.
 *
 * npm drops an optional dependency from the lockfile when the registry at hand lacks it, and `npm ci` then refuses the
 * file that `npm install` wrote. An entry with a version and its platform is enough to satisfy it: other platforms skip
 * the entry, and the right one fetches it.
 */
export interface LockEntry {
  version?: string;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  dev?: boolean;
  optional?: boolean;
  optionalDependencies?: Record<string, string>;
}

export interface Lockfile {
  packages: Record<string, LockEntry>;
}

/** The entries to add, by their place in the lockfile. Throws for a package whose name does not tell its platform. */
export function missingPlatformEntries({ packages }: Lockfile): Record<string, LockEntry> {
  const missing: Record<string, LockEntry> = {};
  for (const [dependant, entry] of Object.entries(packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!places(dependant, name).some((place) => place in packages)) {
        missing[`node_modules/${name}`] = { ...(entry.dev && { dev: true }), ...platformEntry(name, range) };
      }
    }
  }
  return missing;
}

/** The lockfile with the missing entries, in npm's own order, so that a later `npm install` changes nothing. */
export function completeLockfile<L extends Lockfile>(lock: L): L {
  const entries = Object.entries({ ...lock.packages, ...missingPlatformEntries(lock) });
  return { ...lock, packages: Object.fromEntries(entries.toSorted(([a], [b]) => a.localeCompare(b, 'en'))) };
}

/** Where Node looks for `name` from `dependant`, nearest first. */
function places(dependant: string, name: string): string[] {
  const folders = dependant.split('/');
  return Array.from({ length: folders.length + 1 }, (_, up) => folders.slice(0, folders.length - up))
    .filter((path) => path.at(-1) !== 'node_modules')
    .map((path) => [...path.filter(Boolean), 'node_modules', name].join('/'));
}

const systems: Record<string, string> = { win: 'win32', windows: 'win32' };
const processors: Record<string, string> = { 64: 'x64' };
const libraries: Record<string, string> = { gnu: 'glibc', musl: 'musl', gnueabihf: 'glibc', musleabihf: 'musl' };
const platformName =
  /(?<os>aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32|windows|win)-(?<cpu>arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|x64|64)(?:-(?<abi>\w+))?$/;

function platformEntry(name: string, range: string): LockEntry {
  const { os, cpu, abi } = platformName.exec(name)?.groups ?? {};
  if (!os || !cpu) {
    throw new Error(`${name} is an optional dependency that the registry lacks, and its name tells no platform`);
  }
  const library = os === 'linux' && abi ? libraries[abi] : undefined;
  return {
    version: range.replace(/^[\^~]/, ''),
    cpu: [processors[cpu] ?? cpu],
    ...(library && { libc: [library] }),
    optional: true,
    os: [systems[os] ?? os],
  };
}
