import type { Folder } from './folder.ts';
import { passages, type Passage } from './passages.ts';
import { words } from './words.ts';

/** A passage that speaks of what was asked. */
export interface Hit extends Passage {
  readonly score: number;
}

interface Entry {
  readonly passage: Passage;
  readonly words: ReadonlySet<string>;
}

/** Passages by how many rare words of the query they and their neighbours hold; best first, each text once. */
export function search({ documents }: Folder, query: string, limit: number): Hit[] {
  const entries = documents.flatMap(passages).map((passage) => ({ passage, words: new Set(words(passage.text)) }));
  const weights = [...new Set(words(query))].map((word) => [word, weight(word, entries)] as const);
  const own = entries.map((entry) =>
    weights.reduce((sum, [word, value]) => sum + (entry.words.has(word) ? value : 0), 0),
  );
  const nearby = (index: number) => own[index] ?? 0;
  const hits = entries.map(({ passage }, index): Hit => {
    const score = (own[index] ?? 0) + (nearby(index - 1) + nearby(index + 1)) / 4;
    return { ...passage, score: Math.round(score * 100) / 100 };
  });
  const found = hits.filter(({ text }, index) => own[index] && isTelling(text)).toSorted((a, b) => b.score - a.score);
  return [...new Map(found.toReversed().map((hit) => [hit.text, hit])).values()].toReversed().slice(0, limit);
}

/** A rare word says more. */
function weight(word: string, entries: readonly Entry[]): number {
  const found = entries.filter((entry) => entry.words.has(word)).length;
  return found === 0 ? 0 : Math.log(1 + entries.length / found);
}

const spaced = /[\p{L}\p{N}].*\s.*[\p{L}\p{N}]/u;
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]{4}/u;

/** A single word answers nothing. */
function isTelling(text: string): boolean {
  return spaced.test(text) || unspaced.test(text);
}
