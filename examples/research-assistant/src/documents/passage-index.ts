import { setImmediate as turn } from 'node:timers/promises';
import type { Document } from './folder.ts';
import { passages, type Passage } from './passages.ts';
import { words } from './words.ts';

/** A passage, and the words by which it is found. */
export interface Entry {
  readonly passage: Passage;
  readonly own: ReadonlySet<string>;
  /** The words of the headings above it, and of its document's name. */
  readonly above: ReadonlySet<string>;
  /** The passages before and behind it. */
  readonly beside: readonly ReadonlySet<string>[];
}

/** For so long nothing else of the process runs: its lease is to be renewed, and Ctrl-C to be heard. */
const maxTurnMs = 50;

const made = new WeakMap<readonly Document[], Promise<readonly Entry[]>>();

/** The passages of the documents of a folder, made when they are asked for the first time. */
export function passageIndex(documents: readonly Document[]): Promise<readonly Entry[]> {
  const index = made.get(documents) ?? makeIndex(documents);
  made.set(documents, index);
  return index;
}

async function makeIndex(documents: readonly Document[]): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  let since = performance.now();
  for (const document of documents) {
    for (const entry of entriesOf(document)) entries.push(entry);
    if (performance.now() - since < maxTurnMs) continue;
    await turn();
    since = performance.now();
  }
  return entries;
}

function entriesOf(document: Document): Entry[] {
  const found = passages(document).map((passage) => ({ passage, own: new Set(words(passage.text)) }));
  const sections = new Set(found.map(({ passage }) => passage.section));
  const above = new Map(Array.from(sections, (section) => [section, new Set(words(`${document.path} ${section}`))]));
  return found.map(({ passage, own }, index) => ({
    passage,
    own,
    above: above.get(passage.section) ?? new Set(),
    beside: [found[index - 1], found[index + 1]].flatMap((other) => (other ? [other.own] : [])),
  }));
}
