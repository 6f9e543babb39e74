/**
 * `npm run docs:reference`: one page a package in `docs/reference/`, from the declarations that the compiler wrote. With
 * `--check` it writes nothing, and fails where a page is stale. A public name without a doc comment fails either way.
 */
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parseArgs } from 'node:util';
import { publishedPackages, repository, type Workspace } from '../workspaces.ts';
import { page, readEntry, undocumented, type EntryReference } from './reference/package-reference.ts';

interface Page {
  path: string;
  text: string;
  entries: EntryReference[];
}

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const folder = join(repository, 'docs/reference');
const pages = publishedPackages(repository).flatMap(readPage);
const problems = [
  ...pages.flatMap(({ entries }) => entries.flatMap(undocumented)),
  ...(values.check ? stale(pages) : write(pages)),
];
for (const problem of problems) console.error(problem);
console.log(`${pages.length} pages of reference, ${problems.length} problems`);
process.exitCode = problems.length > 0 || pages.length === 0 ? 1 : 0;

/** A package that exports nothing yet has no page. */
function readPage({ folder: workspace, manifest }: Workspace): Page[] {
  const entries = Object.entries(manifest.exports ?? {}).flatMap(([path, targets]) => {
    const types = posix.join(workspace, targets['types'] ?? '');
    if (!existsSync(join(repository, types))) return [];
    return [readEntry(posix.join(manifest.name, path), types, read)];
  });
  const names = entries.flatMap(({ declared, borrowed }) => [...declared, ...borrowed]);
  if (names.length === 0) return [];
  const text = page(manifest.name, manifest.description ?? '', entries);
  return [{ path: `${posix.basename(workspace)}.md`, text, entries }];
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
