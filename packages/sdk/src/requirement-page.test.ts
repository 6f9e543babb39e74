// Would catch: a rename or a changed signature that breaks the published sample, byte for byte as users have it.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL, fileURLToPath } from 'node:url';
import { defineAgent, type AgentResult } from '@helix-agents/sdk';
import { MockLLMAdapter } from '@helix-agents/core/testing';
import { expect, it } from 'vitest';

const path = (fromHere: string) => fileURLToPath(new URL(fromHere, import.meta.url));
const fixture = (name: string) => readFileSync(path(`../test/fixtures/${name}`), 'utf8');

/** Supplies the two names that the sample leaves to its reader, and nothing else. */
function around(sample: string, usage: string): string {
  return `const { llmAdapter, myAgent } = globalThis.supplied;\n${sample}\n${usage}\nexport { result };\n`;
}

it('the JavaScript sample of the documentation runs with only llmAdapter and myAgent supplied', async () => {
  const llmAdapter = new MockLLMAdapter([{ type: 'text', content: 'Agents are programs that act.' }]);
  const myAgent = defineAgent({ name: 'researcher', systemPrompt: 'You research.' });
  Object.assign(globalThis, { supplied: { llmAdapter, myAgent } });
  // Inside the repository, so that its packages are found.
  const scratch = path('../../../.cache');
  mkdirSync(scratch, { recursive: true });
  const folder = mkdtempSync(join(scratch, 'sample-'));
  try {
    const file = join(folder, 'sample.ts');
    writeFileSync(file, around(fixture('javascript-runtime.ts.txt'), fixture('same-usage.ts.txt')));
    const { result } = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as { result: AgentResult };
    expect(result).toMatchObject({ status: 'completed', output: 'Agents are programs that act.' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
