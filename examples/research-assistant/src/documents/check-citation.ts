import type { Folder } from './folder.ts';

/** A place in a document, with the words that stand there. */
export interface Citation {
  readonly path: string;
  readonly fromLine: number;
  readonly toLine: number;
  readonly quote: string;
}

/** What is wrong with a citation; null where the quote stands in these lines, word for word. */
export function checkCitation({ documents }: Folder, { path, fromLine, toLine, quote }: Citation): string | null {
  const document = documents.find((one) => one.path === path);
  if (!document) return `there is no document ${path}`;
  if (fromLine > toLine || toLine > document.lines.length)
    return `${path} has lines 1 to ${document.lines.length}, not ${fromLine} to ${toLine}`;
  const there = fold(document.lines.slice(fromLine - 1, toLine).join('\n'));
  if (fold(quote) === '') return 'the quote is empty';
  return there.includes(fold(quote)) ? null : `lines ${fromLine} to ${toLine} of ${path} do not say this word for word`;
}

/** Where lines break does not matter. */
function fold(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
