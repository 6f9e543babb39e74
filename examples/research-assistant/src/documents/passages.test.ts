// Would catch: half a sentence that is quoted as if it were whole, a quote that stands in other lines, the frame of a table as an answer.
import { expect, test } from 'vitest';
import { checkCitation } from './check-citation.ts';
import { passages } from './passages.ts';

const text = `# The garden

The blue gate opens at seven in the morning, unless it rains. Tomatoes are watered
on Tuesdays and Fridays, early, before the sun stands over the wall. Bread
is baked then.

- A list item that is wrapped because it says more than a line of its
  own can hold.
- Another.

| Tool   | Where it hangs        |
| ------ | :-------------------: |
| \`rake\` | behind   the blue gate |

\`\`\`sh
water --tomatoes
\`\`\`

Roses
Lilies
`;
const document = { path: 'garden.md', lines: text.split('\n') };
const found = passages(document);
const linesOf = (part: string) => {
  const passage = found.find((one) => one.text.includes(part));
  return passage && [passage.fromLine, passage.toLine, passage.text];
};

test('a sentence is whole, over the lines that it was wrapped to', () => {
  expect(linesOf('gate opens')).toEqual([3, 3, 'The blue gate opens at seven in the morning, unless it rains.']);
  expect(linesOf('Tomatoes')).toEqual([
    3,
    4,
    'Tomatoes are watered on Tuesdays and Fridays, early, before the sun stands over the wall.',
  ]);
  expect(linesOf('Bread')).toEqual([4, 5, 'Bread is baked then.']);
});

test('an item of a list stands for itself, without its mark', () => {
  expect(linesOf('A list item')).toEqual([
    7,
    8,
    'A list item that is wrapped because it says more than a line of its own can hold.',
  ]);
  expect(linesOf('Another')).toEqual([9, 9, 'Another.']);
});

test('a row of a table stands for itself; its head and its rule are nothing to quote', () => {
  expect(linesOf('rake')).toEqual([13, 13, '`rake` | behind the blue gate']);
  expect(found.some((passage) => /Where it hangs|---/.test(passage.text))).toBe(false);
});

test('a passage tells the headings above it', () => {
  const lines = '# Garden\n\n## Gate\n\nIt is blue.\n\n## Wall\n\nIt is old.\n\n# Kitchen\n\nIt is warm.'.split('\n');
  expect(passages({ path: 'a.md', lines }).map(({ section }) => section)).toEqual([
    'Garden › Gate',
    'Garden › Wall',
    'Kitchen',
  ]);
});

test('what closes bold print stays with the sentence that it closes', () => {
  const lines = ['(**The blue gate opens at seven in the morning.**) The roof', 'is old.'];
  expect(passages({ path: 'a.md', lines })).toMatchObject([
    { fromLine: 1, toLine: 1, text: '(**The blue gate opens at seven in the morning.**)' },
    { fromLine: 1, toLine: 2, text: 'The roof is old.' },
  ]);
});

test('headings and code are nothing to quote, and lines that were not wrapped are not joined', () => {
  expect(found.some((passage) => /The garden|--tomatoes/.test(passage.text))).toBe(false);
  expect(linesOf('Roses')).toEqual([19, 19, 'Roses']);
});

test('every passage stands in its lines word for word', () => {
  const folder = { name: 'x', documents: [document], skipped: [] };
  const problems = found.map(({ text: quote, ...place }) => checkCitation(folder, { ...place, quote }));
  expect(problems.filter(Boolean)).toEqual([]);
});

test('a line without end is quoted in pieces, each word for word', () => {
  const endless = `The price is 5 euros because ${'lorem ipsum '.repeat(2_000)}. Shipping is free. ${'x'.repeat(2_000)}`;
  const folder = { name: 'f', documents: [{ path: 'min.txt', lines: [endless] }], skipped: [] };
  const pieces = passages(folder.documents[0]!);
  expect(pieces.map((piece) => piece.text)).toContain('Shipping is free.');
  expect(pieces[0]?.text).toMatch(/^The price is 5 euros because lorem ipsum .* (lorem|ipsum)$/);
  expect(Math.max(...pieces.map((piece) => piece.text.length))).toBeLessThanOrEqual(600);
  const wrong = pieces.flatMap((piece) => checkCitation(folder, { ...piece, quote: piece.text }) ?? []);
  expect(wrong).toEqual([]);
});
