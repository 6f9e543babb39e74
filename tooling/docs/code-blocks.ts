/** A fenced block of TypeScript in a Markdown text. */
export interface CodeBlock {
  code: string;
  /** Line of the text where its code begins, from 1. */
  line: number;
  /** Why it is type-checked only: from its info string, `ts no-run reason="needs a Temporal server"`. */
  noRun?: { reason: string | undefined };
  /** What it prints: the `text` block that follows it, with at most a line that ends in `prints:` between them. */
  prints?: string;
}

const fence = /^(?<mark>`{3,}|~{3,})(?<info>.*)\n(?<code>[\s\S]*?)^\k<mark>\s*$/gm;
const prose = /^\s*(.*prints:)?\s*$/i;

/** The blocks whose language is `ts`, in order. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const fences = [...markdown.matchAll(fence)].map(({ 0: text, groups, index }) => ({
    info: groups?.['info']?.trim() ?? '',
    code: groups?.['code'] ?? '',
    start: index,
    end: index + text.length,
  }));
  return fences.flatMap(({ info, code, start, end }, index) => {
    if (!/^ts(\s|$)/.test(info)) return [];
    const line = markdown.slice(0, start).split('\n').length + 1;
    const reason = /reason="([^"]+)"/.exec(info)?.[1];
    const next = fences[index + 1];
    const printed = next?.info === 'text' && prose.test(markdown.slice(end, next.start)) ? next.code : undefined;
    return [
      {
        code,
        line,
        ...(/\bno-run\b/.test(info) && { noRun: { reason } }),
        ...(printed !== undefined && { prints: printed }),
      },
    ];
  });
}
