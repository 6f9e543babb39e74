/** What an import may cost a browser: bundled, minified and gzipped, with everything that it pulls in. */
export interface Budget {
  code: string;
  maxBytes: number;
}

export const budgets: readonly Budget[] = [
  // A tenth of it are the names of all fields: an unknown one is refused, and the one that was meant is named.
  { code: `export { defineAgent } from '@helix-agents/core';`, maxBytes: 4_350 },
];
