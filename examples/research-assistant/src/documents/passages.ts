import { blocks, type Block, type Part } from './blocks.ts';
import type { Document } from './folder.ts';

/** A sentence of a document, or a row of a table, with the lines that it stands in. */
export interface Passage {
  readonly path: string;
  /** The headings above it, the outermost first. */
  readonly section: string;
  /** 1 for the first line. */
  readonly fromLine: number;
  readonly toLine: number;
  /** As it stands there, but for where lines break. */
  readonly text: string;
}

type Cut = Pick<Passage, 'fromLine' | 'toLine' | 'text'>;

/** What has no end for so long is no sentence: its lines stand for themselves, and a longer line in pieces. */
const maxLength = 600;

/** What of a document can be quoted. */
export function passages({ path, lines }: Document): Passage[] {
  return blocks(lines).flatMap(({ section, parts }: Block) => cut(parts).map((one) => ({ path, section, ...one })));
}

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
/** What closes bold print or a bracket behind a full stop belongs to the sentence before. */
const closing = /^[*_)\]]+\s+/;

function cut(parts: readonly Part[]): Cut[] {
  const whole = parts.map(({ text }) => text).join(' ');
  const segments = Array.from(segmenter.segment(whole));
  if (segments.some(({ segment }) => segment.length > maxLength)) {
    return parts.flatMap(({ line, text }) =>
      pieces(text).map((piece) => ({ fromLine: line, toLine: line, text: piece })),
    );
  }
  const starts = segments.map(
    ({ segment, index }) => index + (index > 0 ? (closing.exec(segment)?.[0].length ?? 0) : 0),
  );
  return starts.flatMap((start, at) => {
    const text = whole.slice(start, starts[at + 1]).trimEnd();
    return text === '' ? [] : { fromLine: lineAt(parts, start), toLine: lineAt(parts, start + text.length - 1), text };
  });
}

const upToAWord = new RegExp(`.{1,${maxLength}}(?=\\s|$)|.{1,${maxLength}}`, 'gsu');

/** A line as it is; the sentences of one that is too long, and what is too long for a sentence between its words. */
function pieces(line: string): string[] {
  if (line.length <= maxLength) return [line];
  const found = Array.from(segmenter.segment(line), ({ segment }) => segment.match(upToAWord) ?? []);
  return found.flat().flatMap((piece) => piece.trim() || []);
}

/** The line of a character of the joined block. */
function lineAt(parts: readonly Part[], offset: number): number {
  let start = 0;
  for (const { line, text } of parts) {
    start += text.length + 1;
    if (offset < start) return line;
  }
  return parts.at(-1)?.line ?? 1;
}
