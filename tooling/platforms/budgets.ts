/** What an import may cost a browser: bundled, minified and gzipped, with everything that it pulls in. */
export interface Budget {
  code: string;
  maxBytes: number;
}

export const budgets: readonly Budget[] = [
  { code: `export { defineAgent } from '@helix-agents/core';`, maxBytes: 3_700 },
];
