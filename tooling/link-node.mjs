/**
 * `npm ci` ends with this: the Node of the repository is `node_modules/.bin/node`, which npm's scripts find first.
 *
 * npm 10 takes that link away again together with the packages for other platforms, which have a program of this name as well;
 * and of packages that the lockfile only names, no npm knows their programs. Plain JavaScript, as it runs on whatever Node is there.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const modules = join(process.cwd(), 'node_modules');
const link = join(modules, '.bin/node');
const names = Object.keys(readManifest(process.cwd()).optionalDependencies);
const installed = names.map((name) => join(modules, name)).find((folder) => existsSync(join(folder, 'package.json')));

// Elsewhere npm writes small programs instead of links, and nobody develops this there.
if (installed && !existsSync(link) && process.platform !== 'win32') {
  const program = join(installed, readManifest(installed).bin.node);
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(relative(dirname(link), program), link);
}

function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
