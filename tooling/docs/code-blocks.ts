/** A fenced block of TypeScript in a Markdown text. */
export interface CodeBlock {
  code: string;
  /** Line of the text where its code begins, from 1. */
  line: number;
  /** Why it is type-checked only: from its info string, `ts no-run reason="needs a Temporal server"`. */
  noRun?: { reason: string | undefined };
}

const fence = /^(?<mark>`{3,}|~{3,})(?<info>.*)\n(?<code>[\s\S]*?)^\k<mark>\s*$/gm;

/** The blocks whose language is `ts`, in order. */
export function codeBlocks(markdown: string): CodeBlock[] {
  return [...markdown.matchAll(fence)].flatMap(({ groups, index }) => {
    const { info = '', code = '' } = groups ?? {};
    if (!/^ts(\s|$)/.test(info.trim())) return [];
    const line = markdown.slice(0, index).split('\n').length + 1;
    const reason = /reason="([^"]+)"/.exec(info)?.[1];
    return [{ code, line, ...(/\bno-run\b/.test(info) && { noRun: { reason } }) }];
  });
}
