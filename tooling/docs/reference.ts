/**
 * `npm run docs:reference`: one page a package in `docs/reference/`, from the declarations that the compiler wrote, and one of the
 * error codes. With `--check` it writes nothing, and fails where a page is stale. A public name without a doc comment fails either way.
 */
import { errorTable } from '@helix-agents/core';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parseArgs } from 'node:util';
import { publishedPackages, repository, type Workspace } from '../workspaces.ts';
import { errorPage } from './reference/error-reference.ts';
import { page, placesIn, readEntry, undocumented, type PackagePage } from './reference/package-reference.ts';

interface Page {
  path: string;
  text: string;
}

interface PackageFacts extends PackagePage {
  description: string;
}

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const folder = join(repository, 'docs/reference');
const packages = publishedPackages(repository).flatMap(readPackage);
const pages = [...toPages(packages), { path: 'errors.md', text: errorPage(errorTable) }];
const problems = [
  ...packages.flatMap(({ entries }) => entries.flatMap(undocumented)),
  ...(values.check ? stale(pages) : write(pages)),
];
for (const problem of problems) console.error(problem);
console.log(`${pages.length} pages of reference, ${problems.length} problems`);
process.exitCode = problems.length > 0 || pages.length === 0 ? 1 : 0;

/** A package that exports nothing yet has no page. */
function readPackage({ folder: workspace, manifest }: Workspace): PackageFacts[] {
  const entries = Object.entries(manifest.exports ?? {}).flatMap(([path, targets]) => {
    const types = posix.join(workspace, targets['types'] ?? '');
    if (!existsSync(join(repository, types))) return [];
    return [readEntry(posix.join(manifest.name, path), types, read)];
  });
  const names = entries.flatMap(({ declared, borrowed }) => [...declared, ...borrowed]);
  if (names.length === 0) return [];
  const { name: title, description = '' } = manifest;
  return [{ path: `${posix.basename(workspace)}.md`, title, description, entries }];
}

function toPages(described: readonly PackageFacts[]): Page[] {
  const placeOf = placesIn(described);
  return described.map(({ path, title, description, entries }) => ({
    path,
    text: page(title, description, entries, placeOf),
  }));
}

function read(path: string): string {
  return readFileSync(join(repository, path), 'utf8');
}

function stale(wanted: readonly Page[]): string[] {
  const there = new Map(pagesThere().map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
  const different = wanted.filter(({ path, text }) => there.get(path) !== text).map(({ path }) => path);
  const leftOver = Array.from(there.keys()).filter((path) => wanted.every((one) => one.path !== path));
  return [...different, ...leftOver].map((path) => `docs/reference/${path} is stale: run npm run docs:reference`);
}

function write(wanted: readonly Page[]): string[] {
  mkdirSync(folder, { recursive: true });
  for (const path of pagesThere()) rmSync(join(folder, path));
  for (const { path, text } of wanted) writeFileSync(join(folder, path), text);
  return [];
}

function pagesThere(): string[] {
  return globSync('*.md', { cwd: folder }).toSorted();
}
