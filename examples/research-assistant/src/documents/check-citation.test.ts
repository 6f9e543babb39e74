// Would catch: a citation that quotes what does not stand where it says.
import { expect, test } from 'vitest';
import { checkCitation } from './check-citation.ts';

const lines = ['# Garden', '', 'The blue gate opens', 'at seven  in the morning.'];
const folder = { name: 'x', documents: [{ path: 'garden.md', lines }], skipped: [] };
const right = { path: 'garden.md', fromLine: 3, toLine: 4, quote: 'The blue gate opens at seven in the morning.' };

test('words that stand in the lines are right, wherever the lines break', () => {
  expect(checkCitation(folder, right)).toBeNull();
  expect(checkCitation(folder, { ...right, toLine: 3, quote: 'gate\n opens' })).toBeNull();
});

test.each<[string, object, RegExp]>([
  ['of a document that is not there', { path: 'kitchen.md' }, /^there is no document kitchen\.md$/],
  ['of lines that are not there', { toLine: 5 }, /^garden\.md has lines 1 to 4, not 3 to 5$/],
  ['of lines the wrong way round', { fromLine: 4, toLine: 3 }, /^garden\.md has lines 1 to 4, not 4 to 3$/],
  ['of other lines', { toLine: 3 }, /^lines 3 to 3 of garden\.md do not say this word for word$/],
  ['with one word changed', { quote: 'The red gate opens at seven' }, /do not say this word for word$/],
  ['with a word left out', { quote: 'The gate opens' }, /do not say this word for word$/],
  ['without a word', { quote: ' \n' }, /^the quote is empty$/],
])('a citation %s is wrong, and it is said why', (_, change, problem) => {
  expect(checkCitation(folder, { ...right, ...change })).toMatch(problem);
});
