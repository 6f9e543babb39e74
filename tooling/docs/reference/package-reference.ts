import { posix } from 'node:path';
import { anchorsOf } from '../anchors.ts';
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

/** Where a public name is documented, from the folder of the reference: `core.md#defineagent`. */
export type PlaceOf = (specifier: string, name: string) => { readonly link: string; readonly doc: string } | undefined;

/** Which names a page describes. */
export interface PackagePage {
  /** From the folder of the reference. */
  readonly path: string;
  readonly title: string;
  readonly entries: readonly EntryReference[];
}

/** The places of all names in these pages. A name `*` is the entry point itself. */
export function placesIn(pages: readonly PackagePage[]): PlaceOf {
  const places = new Map<string, { link: string; doc: string }>();
  for (const { path, title, entries } of pages) {
    const anchors = anchorsIn({ title, entries });
    for (const { specifier, declared } of entries) {
      places.set(`${specifier} *`, { link: path + withHash(anchors.get(specifier)), doc: '' });
      for (const { name, doc } of declared)
        places.set(`${specifier} ${name}`, { link: path + withHash(anchors.get(`${specifier} ${name}`)), doc });
    }
  }
  return (specifier, name) => places.get(`${specifier} ${name}`);
}

/** The page of a package. */
export function page(
  title: string,
  description: string,
  entries: readonly EntryReference[],
  placeOf: PlaceOf = () => undefined,
): string {
  const notice = 'Written from the doc comments by `npm run docs:reference`; change them, not this page.';
  const anchors = anchorsIn({ title, entries });
  const sections = entries.flatMap((entry) => [
    ...(entries.length > 1 ? [`## ${entry.specifier}`] : []),
    ...borrowedNames(entry, placeOf),
    ...contents(entry, anchors),
    ...entry.declared.map(section),
  ]);
  return [`# ${title}`, `${description}.`, notice, ...sections, ''].join('\n\n').trimEnd().concat('\n');
}

/** The headings of a page, as they stand in it: each entry point where there are several, and its names. */
function anchorsIn({ title, entries }: Pick<PackagePage, 'title' | 'entries'>): ReadonlyMap<string, string> {
  const headings = entries.flatMap(({ specifier, declared }) => [
    ...(entries.length > 1 ? [{ key: specifier, heading: specifier }] : []),
    ...declared.map(({ name }) => ({ key: `${specifier} ${name}`, heading: name })),
  ]);
  const [, ...anchors] = anchorsOf([title, ...headings.map(({ heading }) => heading)]);
  return new Map(headings.map(({ key }, index) => [key, anchors[index] ?? '']));
}

function withHash(anchor: string | undefined): string {
  return anchor === undefined ? '' : `#${anchor}`;
}

function borrowedNames({ borrowed }: EntryReference, placeOf: PlaceOf): string[] {
  if (borrowed.length === 0) return [];
  const lines = borrowed.map(({ name, from }) => {
    const place = placeOf(from, name);
    const target = place?.link ?? `${from.split('/')[1]}.md`;
    if (name === '*') return `- everything of [${from}](${target})`;
    return place ? `- [${name}](${target}): ${firstSentence(place.doc)}` : `- \`${name}\` of [${from}](${target})`;
  });
  return [`Gathered from other packages:\n\n${lines.join('\n')}`];
}

function firstSentence(doc: string): string {
  const [paragraph = ''] = doc.split('\n\n');
  const text = paragraph.replaceAll('\n', ' ');
  return /^.*?\.(?= |$)/.exec(text)?.[0] ?? text;
}

/** Below the number that fits a screen the page is its own contents. */
const fewNames = 8;

function contents({ specifier, declared }: EntryReference, anchors: ReadonlyMap<string, string>): string[] {
  if (declared.length < fewNames) return [];
  const isType = ({ signature }: Declaration) => /^(interface|type) /.test(signature);
  const links = (title: string, named: readonly Declaration[]): string[] => {
    const names = named.map(({ name }) => name).toSorted((one, other) => one.localeCompare(other, 'en'));
    const list = names.map((name) => `[${name}](#${anchors.get(`${specifier} ${name}`) ?? ''})`);
    return names.length === 0 ? [] : [`${title}: ${list.join(', ')}`];
  };
  return [
    ...links(
      'Values',
      declared.filter((one) => !isType(one)),
    ),
    ...links('Types', declared.filter(isType)),
  ];
}

function section({ name, doc, signature }: Declaration): string {
  return [`### ${name}`, ...(doc === '' ? [] : [doc]), `\`\`\`ts\n${signature}\n\`\`\``].join('\n\n');
}
