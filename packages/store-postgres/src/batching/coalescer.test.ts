// Would catch: an item that is sent twice or never, or that fails because of its neighbour.
import { expect, test } from 'vitest';
import { Coalescer } from './coalescer.ts';

interface Item {
  readonly key: string;
  readonly value: number | 'poison' | 'lost';
}

/** A lane that answers when it is told to, and remembers what was in each statement. */
function recordingLane() {
  const statements: Item[][] = [];
  const send = async (items: readonly Item[]) => {
    statements.push([...items]);
    await new Promise((resolve) => setImmediate(resolve));
    const bad = items.find(({ value }) => typeof value === 'string');
    if (bad) throw new Error(String(bad.value));
    return items.map(({ value }) => Number(value) * 10);
  };
  const coalescer = new Coalescer<Item, number>({
    keyOf: ({ key }) => key,
    weightOf: () => 1,
    one: async (item) => (await send([item]))[0]!,
    many: send,
    isPoisoned: (error) => error instanceof Error && error.message === 'poison',
  });
  return { coalescer, statements };
}

const items = (count: number): Item[] => Array.from({ length: count }, (_, value) => ({ key: `k${value}`, value }));

test('an item that finds nothing in flight leaves at once, alone', async () => {
  const { coalescer, statements } = recordingLane();
  const answer = coalescer.submit({ key: 'k', value: 4 });
  expect(statements).toEqual([[{ key: 'k', value: 4 }]]);
  expect(await answer).toBe(40);
});

test('items that wait leave together, and each gets its own answer', async () => {
  const { coalescer, statements } = recordingLane();
  const answers = await Promise.all(items(30).map((item) => coalescer.submit(item)));
  expect(answers).toEqual(items(30).map(({ value }) => Number(value) * 10));
  expect(statements.map(({ length }) => length)).toEqual([1, 15, 14]);
});

test('where two statements may leave, they share what waits', async () => {
  const { coalescer, statements } = recordingLane();
  await Promise.all(items(30).map((item) => coalescer.submit(item)));
  statements.length = 0;
  await Promise.all(items(41).map((item) => coalescer.submit(item)));
  expect(statements.map(({ length }) => length)).toEqual([21, 20]);
});

test('while one statement is on its way, so much waits for the next that both carry the same', async () => {
  const sizes: number[] = [];
  const answer = Promise.withResolvers<void>();
  const coalescer = new Coalescer<Item, null>({
    keyOf: ({ key }) => key,
    weightOf: () => 1,
    one: () => answer.promise.then(() => null),
    many: async (batch) => {
      sizes.push(batch.length);
      await answer.promise;
      return batch.map(() => null);
    },
    isPoisoned: () => false,
  });
  const answers = items(10).map((item) => coalescer.submit(item));
  await new Promise((resolve) => setImmediate(resolve));
  // One is on its way already, alone.
  expect(sizes).toEqual([5]);
  answer.resolve();
  await Promise.all(answers);
  expect(sizes).toEqual([5, 2, 2]);
});

test('a statement holds at most 64 items', async () => {
  const { coalescer, statements } = recordingLane();
  await Promise.all(items(200).map((item) => coalescer.submit(item)));
  expect(Math.max(...statements.map(({ length }) => length))).toBe(64);
  expect(statements.flat()).toHaveLength(200);
});

test('items of one key follow each other, in order', async () => {
  const { coalescer, statements } = recordingLane();
  await Promise.all([1, 2, 3, 4].map((value) => coalescer.submit({ key: 'same', value })));
  expect(statements.map((statement) => statement.map(({ value }) => value))).toEqual([[1], [2], [3], [4]]);
});

test('a poisoned item fails alone, and no other is sent again after it landed', async () => {
  const { coalescer, statements } = recordingLane();
  const mixed = items(20).map((item, index): Item => (index === 13 ? { ...item, value: 'poison' } : item));
  const results = await Promise.allSettled(mixed.map((item) => coalescer.submit(item)));
  expect(results.map(({ status }) => status)).toEqual(
    mixed.map((_, index) => (index === 13 ? 'rejected' : 'fulfilled')),
  );
  const landed = statements.filter((statement) => statement.every(({ value }) => value !== 'poison')).flat();
  expect(landed.map(({ key }) => key).toSorted()).toEqual(
    mixed
      .filter(({ value }) => value !== 'poison')
      .map(({ key }) => key)
      .toSorted(),
  );
});

test('a lost statement is lost to all its members: each asks for itself what became of it', async () => {
  const { coalescer, statements } = recordingLane();
  const mixed = items(5).map((item, index): Item => (index === 3 ? { ...item, value: 'lost' } : item));
  const results = await Promise.allSettled(mixed.map((item) => coalescer.submit(item)));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected']);
  expect(statements).toHaveLength(3);
});
