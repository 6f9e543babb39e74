/** The part of a line that belongs to a block, without marks of its own. */
export interface Part {
  /** 1 for the first line. */
  readonly line: number;
  readonly text: string;
}

/** Lines of a document that were wrapped from one text, and the headings above them, the outermost first. */
export interface Block {
  readonly section: string;
  readonly parts: Part[];
}

/** A shorter line ends where its author ended it; a longer one was wrapped. */
const wrappedFrom = 50;

const fence = /^\s*(```|~~~)/;
const heading = /^\s*(#{1,6})\s+(.*)$/;
const rule = /^\s*([-=*_]\s*){3,}$/;
const tableRow = /^\s*\|.*\|\s*$/;
const tableRule = /^\s*\|?[\s:|-]*-[\s:|-]*\|[\s:|-]*$/;
const marker = /^\s*([-*+]\s+(\[[ x]\]\s+)?|\d+[.)]\s+|>\s*)/;

/** The paragraphs, list items and rows of a document. Code, headings and the heads of tables answer nothing, and are left out. */
export function blocks(lines: readonly string[]): Block[] {
  const found: Block[] = [];
  const headings: string[] = [];
  let open: Part[] = [];
  let inCode = false;
  for (const [index, text] of lines.entries()) {
    const fenced = fence.test(text);
    if (fenced) inCode = !inCode;
    const quotable = !fenced && !inCode && !isStructure(text, lines[index + 1] ?? '');
    if (!inCode) noteHeading(headings, text);
    if (!quotable || !goesOn(open, text)) open = [];
    if (!quotable) continue;
    if (open.length === 0) found.push({ section: headings.filter(Boolean).join(' › '), parts: open });
    open.push({ line: index + 1, text: unmarked(text) });
    if (tableRow.test(text)) open = [];
  }
  return found;
}

function goesOn(open: readonly Part[], text: string): boolean {
  const last = open.at(-1)?.text ?? '';
  return last.length >= wrappedFrom && !tableRow.test(text) && !marker.test(text);
}

/** A heading ends the sections of its own level and of those below. */
function noteHeading(headings: string[], text: string): void {
  const [, marks, title] = heading.exec(text) ?? [];
  if (!marks || !title) return;
  headings.splice(marks.length - 1);
  headings[marks.length - 1] = title.trim();
}

function isStructure(text: string, next: string): boolean {
  const isHead = tableRow.test(text) && tableRule.test(next);
  return text.trim() === '' || heading.test(text) || rule.test(text) || tableRule.test(text) || isHead;
}

function unmarked(text: string): string {
  const content = tableRow.test(text) ? text.trim().slice(1, -1) : text.replace(marker, '');
  return content.replaceAll(/\s+/g, ' ').trim();
}
