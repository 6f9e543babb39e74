// Would catch: a bundle for any platform that takes what only Node has, so that the check of our packages finds nothing.
import { expect, test } from 'vitest';
import { bundle } from './bundle.ts';

test.each([
  ['an import', `export { readFileSync } from 'node:fs';`],
  ['an import without its prefix', `export { readFileSync } from 'fs';`],
  ['an import when it is called', `export const read = () => import('node:fs');`],
])('%s of what only Node has is a problem, with its place', async (_, code) => {
  const { output, problems } = await bundle(code);
  expect(problems).toEqual([expect.stringMatching(/"(node:)?fs".*:1\)$/)]);
  expect(output).toHaveLength(0);
});

test('what any platform has is bundled and minified', async () => {
  const { output, problems } = await bundle('export const longName = (first, second) => first + second;');
  expect(problems).toEqual([]);
  expect(new TextDecoder().decode(output)).toMatch(/^var .*export\{\w+ as longName\};\n$/s);
});
