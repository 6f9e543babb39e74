import type { Document, Folder } from './folder.ts';
import { words } from './words.ts';

/** A line that speaks of what was asked. */
export interface Hit {
  readonly path: string;
  /** 1 for the first line. */
  readonly line: number;
  readonly text: string;
  readonly score: number;
}

interface Line {
  readonly path: string;
  readonly line: number;
  readonly text: string;
  readonly words: ReadonlySet<string>;
  readonly quotable: boolean;
}

/** Lines by how many rare words of the query they and their neighbours hold; best first. */
export function search({ documents }: Folder, query: string, limit: number): Hit[] {
  const lines = documents.flatMap(readLines);
  const weights = [...new Set(words(query))].map((word) => [word, weight(word, lines)] as const);
  const own = lines.map((line) => weights.reduce((sum, [word, value]) => sum + (line.words.has(word) ? value : 0), 0));
  const nearby = (index: number) => (lines[index]?.quotable ? (own[index] ?? 0) : 0);
  const hits = lines.map(({ path, line, text }, index): Hit => {
    const score = (own[index] ?? 0) + (nearby(index - 1) + nearby(index + 1)) / 4;
    return { path, line, text: text.trim(), score: Math.round(score * 100) / 100 };
  });
  return hits
    .filter((_, index) => lines[index]?.quotable && own[index])
    .toSorted((a, b) => b.score - a.score)
    .slice(0, limit);
}

/** Code and headings may be read, but they answer nothing. */
function readLines({ path, lines }: Document): Line[] {
  let inCode = false;
  return lines.map((text, index) => {
    const fence = text.trimStart().startsWith('```');
    if (fence) inCode = !inCode;
    return {
      path,
      line: index + 1,
      text,
      words: new Set(words(text)),
      quotable: !inCode && !fence && isSentence(text),
    };
  });
}

/** A rare word says more. */
function weight(word: string, lines: readonly Line[]): number {
  const found = lines.filter((line) => line.words.has(word)).length;
  return found === 0 ? 0 : Math.log(1 + lines.length / found);
}

const spaced = /[\p{L}\p{N}].*\s.*[\p{L}\p{N}]/u;
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]{4}/u;

function isSentence(text: string): boolean {
  return (spaced.test(text) || unspaced.test(text)) && !/^\s*(#|\|\s*-)/.test(text);
}
