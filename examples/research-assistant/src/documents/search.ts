import type { Folder } from './folder.ts';
import { passageIndex, type Entry } from './passage-index.ts';
import type { Passage } from './passages.ts';
import { words, wordsAsWritten } from './words.ts';

/** A passage that speaks of what was asked. */
interface Hit extends Passage {
  /** How much of the query it has: at least 1 where every word stands in the passage itself. */
  readonly score: number;
}

/** What a search came to. */
export interface Found {
  /** Best first, each text once. */
  readonly hits: readonly Hit[];
  /** Words of the query that no passage has, and no heading or name of a document either. */
  readonly unknown: readonly string[];
}

/** The passages that have most of a query's words, of which rare ones say more. */
export async function search({ documents }: Folder, query: string, limit: number): Promise<Found> {
  const entries = await passageIndex(documents);
  const weights = [...new Set(words(query))].map((word) => [word, weight(word, entries)] as const);
  const most = weights.reduce((sum, [, value]) => sum + value, 0);
  const score = (entry: Entry) =>
    weights.reduce((sum, [word, value]) => sum + value * closeness(entry, word), 0) / most;
  const hits = entries
    .filter((entry) => weights.some(([word]) => has(entry, word)) && isTelling(entry.passage.text))
    .map((entry): Hit => ({ ...entry.passage, score: Math.round(score(entry) * 100) / 100 }))
    .toSorted((a, b) => b.score - a.score);
  const isUnknown = (word: string) => !entries.some((entry) => has(entry, word));
  return {
    hits: [...new Map(hits.toReversed().map((hit) => [hit.text, hit])).values()].toReversed().slice(0, limit),
    unknown: wordsAsWritten(query).filter((written) => words(written).every(isUnknown)),
  };
}

function has({ own, above }: Entry, word: string): boolean {
  return own.has(word) || above.has(word);
}

/** A word in the passage itself counts whole, and more below a heading that has it, too; else one above it half, one beside it a quarter. */
function closeness({ own, above, beside }: Entry, word: string): number {
  if (own.has(word)) return above.has(word) ? 1.25 : 1;
  if (above.has(word)) return 0.5;
  return beside.some((other) => other.has(word)) ? 0.25 : 0;
}

/** A rare word says more. */
function weight(word: string, entries: readonly Entry[]): number {
  const found = entries.filter(({ own }) => own.has(word)).length;
  return Math.log(1 + entries.length / Math.max(1, found));
}

const several = /[\p{L}\p{N}].*[\s,;].*[\p{L}\p{N}]/u;
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]{4}/u;
const link = /\[([^\]]*)\]\([^)]*\)/g;

/** A single word answers nothing; neither does what is mostly links, nor what only leads to the text below it. */
function isTelling(text: string): boolean {
  if (/[:：]\W*$/.test(text)) return false;
  const own = text.replaceAll(link, '');
  const linked = Array.from(text.matchAll(link), ([, name = '']) => name).join('');
  return own.length > linked.length && (several.test(own) || unspaced.test(own));
}
