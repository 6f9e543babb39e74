// Would catch: a large folder that stops the process for so long that it loses its session, or that is read through for each search.
import { afterEach, expect, test, vi } from 'vitest';
import { passageIndex } from './passage-index.ts';

const sentence = 'The blue gate of the garden opens at seven in the morning. ';

afterEach(() => vi.restoreAllMocks());

test('a large folder leaves the process time for others', async () => {
  // Each look at the clock is 30 ms later: what is read between two looks takes so long.
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => (now += 30));
  let turns = 0;
  const beat = () => void ((turns += 1), (next = setImmediate(beat)));
  let next = setImmediate(beat);
  await passageIndex(Array.from({ length: 100 }, (_, index) => ({ path: `${index}.md`, lines: [sentence] })));
  clearImmediate(next);
  expect(turns).toBeGreaterThan(40);
});

test('the documents of a folder are read through once, also for searches side by side', async () => {
  const documents = [{ path: 'a.md', lines: [sentence] }];
  const [first, second] = [passageIndex(documents), passageIndex(documents)];
  expect(await second).toBe(await first);
  expect(await passageIndex(documents)).toBe(await first);
});
