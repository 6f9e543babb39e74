// Would catch: a README that promises a package that is not there, hides one that is, or whose first agent has grown too long to read.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { publishedPackages, repository } from '../workspaces.ts';
import { codeBlocks } from './code-blocks.ts';

const readme = readFileSync(join(repository, 'README.md'), 'utf8');

/** Packages whose row of a table ends so. */
function packagesThatAre(state: '✓' | 'not yet'): string[] {
  const rows = readme.matchAll(new RegExp(`^\\|.*\`(@helix-agents/[a-z-]+)\` +\\| ${state} +\\|$`, 'gm'));
  return Array.from(rows, ([, name = '']) => name).toSorted();
}

test('of the packages in the tables those are said to be there that are; the one that gathers others has no row', () => {
  const there = publishedPackages(repository).map(({ manifest }) => manifest.name);
  expect(packagesThatAre('✓')).toEqual(there.filter((name) => name !== '@helix-agents/sdk').toSorted());
  expect(packagesThatAre('not yet').filter((name) => there.includes(name))).toEqual([]);
});

test('the first agent has 20 lines', () => {
  const [agent] = codeBlocks(readme);
  expect(agent?.code.trimEnd().split('\n').length).toBeLessThanOrEqual(20);
  expect(agent?.code).toContain('defineAgent');
});
