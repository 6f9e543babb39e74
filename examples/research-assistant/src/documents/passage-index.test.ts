// Would catch: a large folder that stops the process for so long that it loses its session, or that is read through for each search.
import { expect, test } from 'vitest';
import { passageIndex } from './passage-index.ts';

const sentence = 'The blue gate of the garden opens at seven in the morning. ';
const large = Array.from({ length: 150 }, (_, index) => ({ path: `${index}.md`, lines: [sentence.repeat(100)] }));

test('a large folder leaves the process time for others', async () => {
  let turns = 0;
  const beat = setInterval(() => (turns += 1));
  await passageIndex(large);
  clearInterval(beat);
  expect(turns).toBeGreaterThan(1);
});

test('the documents of a folder are read through once, also for searches side by side', async () => {
  const documents = [{ path: 'a.md', lines: [sentence] }];
  const [first, second] = [passageIndex(documents), passageIndex(documents)];
  expect(await second).toBe(await first);
  expect(await passageIndex(documents)).toBe(await first);
});
