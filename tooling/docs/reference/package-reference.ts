import { posix } from 'node:path';
import { declarations, exportedNames, type Declaration, type ExportedName } from './declarations.ts';

/** One entry point of a package: what `import … from 'specifier'` offers. */
export interface EntryReference {
  specifier: string;
  declared: Declaration[];
  /** Names that another package documents; `*` stands for all of that entry point. */
  borrowed: { name: string; from: string }[];
}

/**
 * Reads an entry point from the declarations that the compiler wrote.
 *
 * @param read - Gives the text of a declaration file
 * @throws Error for a name that is exported and declared nowhere
 */
export function readEntry(specifier: string, path: string, read: (path: string) => string): EntryReference {
  const entry: EntryReference = { specifier, declared: [], borrowed: [] };
  for (const exported of exportedNames(path, read(path))) collect(entry, path, exported, read);
  return entry;
}

function collect(entry: EntryReference, path: string, exported: ExportedName, read: (path: string) => string): void {
  const { name, from, originalName } = exported;
  if (from !== null && !from.startsWith('.')) return void entry.borrowed.push({ name, from });
  const file = from === null ? path : posix.join(posix.dirname(path), from.replace(/\.[jt]sx?$/, '.d.ts'));
  if (from !== null && name === '*') {
    for (const nested of exportedNames(file, read(file))) collect(entry, file, nested, read);
    return;
  }
  const found = declarations(file, read(file)).get(originalName);
  if (found) return void entry.declared.push({ ...found, name });
  const passedOn = exportedNames(file, read(file)).find((other) => other.name === originalName && other.from !== null);
  if (!passedOn) throw new Error(`${file} exports ${originalName}, and does not declare it`);
  collect(entry, file, { ...passedOn, name }, read);
}

/** The names without a doc comment, each with the entry point that offers it. */
export function undocumented({ specifier, declared }: EntryReference): string[] {
  return declared.filter(({ doc }) => doc === '').map(({ name }) => `${specifier}: ${name} has no doc comment`);
}

/** The page of a package. */
export function page(title: string, description: string, entries: readonly EntryReference[]): string {
  const notice = 'Written from the doc comments by `npm run docs:reference`; change them, not this page.';
  const sections = entries.flatMap((entry) => [
    ...(entries.length > 1 ? [`## ${entry.specifier}`] : []),
    ...borrowedNames(entry),
    ...contents(entry),
    ...entry.declared.map(section),
  ]);
  return [`# ${title}`, `${description}.`, notice, ...sections, ''].join('\n\n').trimEnd().concat('\n');
}

function borrowedNames({ borrowed }: EntryReference): string[] {
  if (borrowed.length === 0) return [];
  const lines = borrowed.map(({ name, from }) =>
    name === '*' ? `- everything of ${linkTo(from)}` : `- \`${name}\` of ${linkTo(from)}`,
  );
  return [`Gathered from other packages:\n\n${lines.join('\n')}`];
}

function linkTo(specifier: string): string {
  return `[${specifier}](${specifier.split('/')[1]}.md)`;
}

/** Below the number that fits a screen the page is its own contents. */
const fewNames = 8;

function contents({ declared }: EntryReference): string[] {
  if (declared.length < fewNames) return [];
  const isType = ({ signature }: Declaration) => /^(interface|type) /.test(signature);
  return [
    linksTo(
      'Values',
      declared.filter((one) => !isType(one)),
    ),
    linksTo('Types', declared.filter(isType)),
  ].filter((line) => line !== '');
}

function linksTo(title: string, named: readonly Declaration[]): string {
  const names = named.map(({ name }) => name).toSorted((one, other) => one.localeCompare(other, 'en'));
  return names.length === 0 ? '' : `${title}: ${names.map((name) => `[${name}](#${name.toLowerCase()})`).join(', ')}`;
}

function section({ name, doc, signature }: Declaration): string {
  return [`### ${name}`, ...(doc === '' ? [] : [doc]), `\`\`\`ts\n${signature}\n\`\`\``].join('\n\n');
}
