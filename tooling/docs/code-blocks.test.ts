// Would catch a sample in the documentation that is silently not checked.
import { expect, test } from 'vitest';
import { codeBlocks } from './code-blocks.ts';

test('only blocks of TypeScript are samples, each with the line of its code', () => {
  const markdown = [
    '# Title',
    '```ts',
    'const a = 1;',
    '```',
    '```tsx',
    '<a />',
    '```',
    'text',
    '```ts',
    'a;',
    '```',
    '',
  ].join('\n');
  expect(codeBlocks(markdown)).toEqual([
    { code: 'const a = 1;\n', line: 3 },
    { code: 'a;\n', line: 10 },
  ]);
});

test('a block that is not run says why, or is known to say nothing', () => {
  const markdown = '```ts no-run reason="needs a server"\na;\n```\n\n```ts no-run\nb;\n```\n';
  expect(codeBlocks(markdown).map(({ noRun }) => noRun)).toEqual([{ reason: 'needs a server' }, { reason: undefined }]);
});

test('the text block behind a sample is what it prints, unless something else stands between them', () => {
  const printed = (between: string) =>
    codeBlocks(`\`\`\`ts\na;\n\`\`\`\n${between}\n\`\`\`text\nA\n\`\`\`\n`)[0]?.prints;
  expect(printed('')).toBe('A\n');
  expect(printed('\nThis prints:\n')).toBe('A\n');
  expect(printed('\nThe log of another program:\n')).toBeUndefined();
});
