import type { Document } from './folder.ts';

/** A sentence of a document, or a row of a table, with the lines that it stands in. */
export interface Passage {
  readonly path: string;
  /** 1 for the first line. */
  readonly fromLine: number;
  readonly toLine: number;
  /** As it stands there, but for where lines break. */
  readonly text: string;
}

/** The part of a line that belongs to a block. */
interface Part {
  readonly line: number;
  readonly text: string;
}

/** A shorter line ends where its author ended it; a longer one was wrapped. */
const wrappedFrom = 50;
/** What has no end for so long is no sentence: its lines stand for themselves, and a longer line in pieces. */
const maxLength = 600;

const fence = /^\s*(```|~~~)/;
const heading = /^\s*#{1,6}\s/;
const rule = /^\s*([-=*_]\s*){3,}$/;
const tableRow = /^\s*\|.*\|\s*$/;
const tableRule = /^\s*\|?[\s:|-]*-[\s:|-]*\|[\s:|-]*$/;
const marker = /^\s*([-*+]\s+(\[[ x]\]\s+)?|\d+[.)]\s+|>\s*)/;

/** What of a document can be quoted. Code, headings and the heads of tables may be read, but they answer nothing. */
export function passages({ path, lines }: Document): Passage[] {
  return blocks(lines).flatMap((block) => sentences(path, block));
}

function blocks(lines: readonly string[]): Part[][] {
  const found: Part[][] = [];
  let open: Part[] = [];
  let inCode = false;
  for (const [index, text] of lines.entries()) {
    const line = index + 1;
    const fenced = fence.test(text);
    if (fenced) inCode = !inCode;
    const quotable = !fenced && !inCode && !isStructure(text, lines[index + 1] ?? '');
    const last = open.at(-1)?.text ?? '';
    const goesOn = quotable && last.length >= wrappedFrom && !tableRow.test(text) && !marker.test(text);
    if (!goesOn) open = [];
    if (!quotable) continue;
    if (open.length === 0) found.push(open);
    open.push({ line, text: unmarked(text) });
    if (tableRow.test(text)) open = [];
  }
  return found;
}

function isStructure(text: string, next: string): boolean {
  const isHead = tableRow.test(text) && tableRule.test(next);
  return text.trim() === '' || heading.test(text) || rule.test(text) || tableRule.test(text) || isHead;
}

function unmarked(text: string): string {
  const content = tableRow.test(text) ? text.trim().slice(1, -1) : text.replace(marker, '');
  return content.replaceAll(/\s+/g, ' ').trim();
}

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

function sentences(path: string, block: readonly Part[]): Passage[] {
  const text = block.map((part) => part.text).join(' ');
  const found = Array.from(segmenter.segment(text), ({ segment, index }) => ({ segment, index }));
  if (found.some(({ segment }) => segment.length > maxLength)) {
    return block.flatMap(({ line, text: own }) =>
      pieces(own).map((piece) => ({ path, fromLine: line, toLine: line, text: piece })),
    );
  }
  return found.map(({ segment, index }) => {
    const end = index + segment.trimEnd().length - 1;
    return { path, fromLine: lineAt(block, index), toLine: lineAt(block, end), text: segment.trim() };
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
function lineAt(block: readonly Part[], offset: number): number {
  let start = 0;
  for (const { line, text } of block) {
    start += text.length + 1;
    if (offset < start) return line;
  }
  return block.at(-1)?.line ?? 1;
}
