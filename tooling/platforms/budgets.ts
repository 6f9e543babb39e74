/** What an import may cost a browser: bundled, minified and gzipped, with everything that it pulls in. */
export interface Budget {
  code: string;
  maxBytes: number;
}

export const budgets: readonly Budget[] = [
  // A fifth of it are the names of all fields and what each must be: what nobody could use is refused, with the field.
  { code: `export { defineAgent } from '@helix-agents/core';`, maxBytes: 5_000 },
];
