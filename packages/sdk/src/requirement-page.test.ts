// Would catch: a rename or a changed signature that breaks the published sample, byte for byte as users have it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL, fileURLToPath } from 'node:url';
import { defineAgent, type AgentResult } from '@helix-agents/sdk';
import { MockLLMAdapter } from '@helix-agents/core/testing';
import { expect, it } from 'vitest';

const here = fileURLToPath(new URL('.', import.meta.url));
const fixture = (name: string) => readFileSync(join(here, '../test/fixtures', name), 'utf8');

/** Supplies the two names that the sample leaves to its reader, and nothing else. */
function around(sample: string, usage: string): string {
  return `const { llmAdapter, myAgent } = globalThis.supplied;\n${sample}\n${usage}\nexport { result };\n`;
}

it('the JavaScript sample of the documentation runs with only llmAdapter and myAgent supplied', async () => {
  const llmAdapter = new MockLLMAdapter([{ type: 'text', content: 'Agents are programs that act.' }]);
  const myAgent = defineAgent({ name: 'researcher', systemPrompt: 'You research.' });
  Object.assign(globalThis, { supplied: { llmAdapter, myAgent } });
  const folder = mkdtempSync(join(here, 'sample-'));
  try {
    const file = join(folder, 'sample.ts');
    writeFileSync(file, around(fixture('javascript-runtime.ts.txt'), fixture('same-usage.ts.txt')));
    const { result } = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as { result: AgentResult };
    expect(result).toMatchObject({ status: 'completed', output: 'Agents are programs that act.' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
