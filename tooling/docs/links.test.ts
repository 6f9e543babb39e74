// Would catch: a reader who follows a link to a page that was renamed.
import { expect, test } from 'vitest';
import { brokenLinks } from './links.ts';

const there = new Set(['docs/guide/tools.md', 'README.md']);
const broken = (markdown: string) => brokenLinks('docs/guide/first.md', markdown, (path) => there.has(path));

test('a link is followed from the folder of its document', () => {
  expect(broken('[a](tools.md#writes), [b](../../README.md), [c](https://x.y/z), [d](#here)')).toEqual([]);
  expect(broken('see [a](tool.md#writes)')).toEqual(['docs/guide/first.md links to tool.md, which is not there']);
});

test('code is no link', () => {
  expect(broken('`a[0](x.md)`\n\n```ts\nf[0](x.md);\n```\n')).toEqual([]);
});
