/** What an import may cost a browser or a worker: bundled, minified and gzipped, with everything that it pulls in. */
export interface Budget {
  code: string;
  maxBytes: number;
}

export const budgets: readonly Budget[] = [
  // Half of it are the texts of the error codes, which grow with the product, a fifth what each field of a definition must be.
  { code: `export { defineAgent } from '@helix-agents/core';`, maxBytes: 6_000 },
  // Zod is half of it, and was more than the whole where it was imported as one object.
  { code: `export { AgentServer } from '@helix-agents/agent-server';`, maxBytes: 60_000 },
];
