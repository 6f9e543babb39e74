// Would catch: a reader who follows a link to a page that was renamed, or to a heading that is not in it.
import { expect, test } from 'vitest';
import { brokenLinks } from './links.ts';

const there = new Map([
  ['docs/guide/tools.md', '# Tools\n\n## What it `writes`\n\n### writes\n\n### Writes\n\n```md\n## no heading\n```\n'],
  ['README.md', ''],
]);
const broken = (markdown: string) => brokenLinks('docs/guide/first.md', markdown, (path) => there.get(path) ?? null);

test('a link is followed from the folder of its document', () => {
  expect(broken('[a](tools.md), [b](../../README.md), [c](https://x.y/z), [d](mailto:a@b.c)')).toEqual([]);
  expect(broken('see [a](tool.md#writes)')).toEqual(['docs/guide/first.md links to tool.md, which is not there']);
});

test('a link to a heading is followed to it', () => {
  expect(broken('[a](tools.md#what-it-writes), [b](tools.md#writes), [c](tools.md#writes-1)')).toEqual([]);
  expect(broken('# Here\n\n[a](#here), [b](#there), [c](tools.md#no-heading)')).toEqual([
    'docs/guide/first.md links to #there, which has no such heading',
    'docs/guide/first.md links to tools.md#no-heading, which has no such heading',
  ]);
});

test('code is no link', () => {
  expect(broken('`a[0](x.md)`\n\n```ts\nf[0](x.md);\n```\n')).toEqual([]);
});
