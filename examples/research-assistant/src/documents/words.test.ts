// Would catch: crash that does not find crashed; stems that are shown where the user wrote words.
import { expect, test } from 'vitest';
import { words, wordsAsWritten } from './words.ts';

test('words meet in all their plain forms', () => {
  expect(words('Crashed, crashes and crashing')).toEqual(['crash', 'crash', 'crash']);
});

test.each(['process processes', 'stop stops stopped stopping', 'retry retries retried', 'store stored stores'])(
  'so do %s',
  (forms) => {
    expect(new Set(words(forms)).size).toBe(1);
  },
);

test('a name in code meets the words that it is made of', () => {
  expect(words('deleteSession')).toEqual(words('delete sessions'));
});

test('what is shown is what was written, each word once', () => {
  expect(wordsAsWritten('How does HELIX_DATA_DIR survive crashes, and what of Crashes in store-postgres?')).toEqual([
    'HELIX_DATA_DIR',
    'survive',
    'crashes',
    'store-postgres',
  ]);
  expect(wordsAsWritten('What is it?')).toEqual(['What', 'is', 'it']);
});
