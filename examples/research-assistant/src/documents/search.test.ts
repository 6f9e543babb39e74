// Would catch: an answer about something else that happens to share a word, and a word of the question that silently counts for nothing.
import { expect, test } from 'vitest';
import { search } from './search.ts';

function searched(query: string, files: Record<string, string>, limit = 8) {
  const documents = Object.entries(files).map(([path, text]) => ({ path, lines: text.split('\n') }));
  return search({ name: 'x', documents, skipped: [] }, query, limit);
}

const texts = async (query: string, files: Record<string, string>) =>
  (await searched(query, files)).hits.map(({ text }) => text);

test('a sentence with more of the words is before one with fewer, and one with a rare word before one with a common one', async () => {
  const text = 'The gate is blue.\n\nThe roof is blue.\n\nThe wall is old.\n\nThe blue wall creaks.';
  expect(await texts('Which wall is blue?', { a: text })).toEqual([
    'The blue wall creaks.',
    'The wall is old.',
    'The roof is blue.',
    'The gate is blue.',
  ]);
});

test('of two sentences that say the word, the one below a heading of it is first', async () => {
  const files = { a: 'The lease was signed.', b: '# Leases\n\nA lease lasts 30 s.' };
  expect(await texts('What is a lease?', files)).toEqual(['A lease lasts 30 s.', 'The lease was signed.']);
});

test('a sentence that does not say the word is found by its heading, or by the name of its document', async () => {
  const recipes = '# Bread\n\nBake it for 40 minutes.\n\n# Tea\n\nBoil water.';
  expect(await texts('How is bread made?', { 'recipes.md': recipes })).toEqual(['Bake it for 40 minutes.']);
  expect(await texts('Pricing?', { 'pricing.md': 'Students pay half.' })).toEqual(['Students pay half.']);
});

test('a sentence lends words to its neighbours, and none to another document', async () => {
  const scores = async (files: Record<string, string>) =>
    (await searched('gate tomatoes', files)).hits.map(({ score }) => score);
  expect(await scores({ a: 'The tomatoes are red. The gate is old.' })).toEqual([0.63, 0.63]);
  expect(await scores({ a: 'The tomatoes are red.', b: 'The gate is old.' })).toEqual([0.5, 0.5]);
});

test('words that stand nowhere are named as they were written', async () => {
  const { unknown } = await searched('Who painted the blue Gates on Mars?', { a: 'The gate is blue.' });
  expect(unknown).toEqual(['painted', 'Mars']);
});

test('neither a list of links nor what only leads to the text below it is an answer', async () => {
  const text = '[gate](a.md), [wall](b.md), [roof](c.md)\n\nThe gate opens at these hours:\n\nThe gate opens at seven.';
  expect(await texts('gate', { a: text })).toEqual(['The gate opens at seven.']);
});

test('nor is one of more links than words, as of the pages of a guide', async () => {
  const text =
    '- [Guide](a.md): first steps, [gate](b.md), [wall and roof](c.md), or [windows](d.md).\n- The [gate](b.md) is blue.';
  expect(await texts('gate', { a: text })).toEqual(['The [gate](b.md) is blue.']);
});

test('a row of values is one', async () => {
  expect(await texts('How much is a pear?', { 'prices.csv': 'name,price\napple,3\npear,4\n' })).toEqual(['pear,4']);
});

test('no more is found than was asked for, and the best of it', async () => {
  const files = { a: 'The gate is blue.\n\nThe gate is blue, and the wall.\n\nThe wall is old.' };
  const { hits } = await searched('blue wall', files, 1);
  expect(hits.map(({ text }) => text)).toEqual(['The gate is blue, and the wall.']);
});
