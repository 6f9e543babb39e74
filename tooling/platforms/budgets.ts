/** What an import may cost a browser: bundled, minified and gzipped, with everything that it pulls in. */
export interface Budget {
  code: string;
  maxBytes: number;
}

export const budgets: readonly Budget[] = [
  // Half of it are the texts of the error codes, which grow with the product, a fifth what each field of a definition must be.
  { code: `export { defineAgent } from '@helix-agents/core';`, maxBytes: 6_000 },
];
